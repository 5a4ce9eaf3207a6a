// The external models of ReferenceOpInterface for the train dialect, one registration function for each op family.
#pragma once
#include "dialects/Training/Training.h"
#include "lib/Reference/Models.h"
#include <cmath>

namespace ph::reference {

void registerTrainingModels(mlir::DialectRegistry &registry);
void registerAdamW(mlir::MLIRContext *context);
void registerAdamW8(mlir::MLIRContext *context);
void registerDistillation(mlir::MLIRContext *context);
void registerDropout(mlir::MLIRContext *context);
void registerExpertOuterAdd(mlir::MLIRContext *context);
void registerGradientScale(mlir::MLIRContext *context);
void registerHeadLoss(mlir::MLIRContext *context);
void registerOptimizer(mlir::MLIRContext *context);
void registerPolicy(mlir::MLIRContext *context);
void registerPreferenceLoss(mlir::MLIRContext *context);
void registerRounding(mlir::MLIRContext *context);
void registerScatterAdd(mlir::MLIRContext *context);
void registerTokenLogp(mlir::MLIRContext *context);
void registerTokenLoss(mlir::MLIRContext *context);

/// The number that a tensor of rank 0 holds; `otherwise` without one.
inline double scalar(const Value *value, double otherwise) { return value ? value->tensor().data[0] : otherwise; }

/// log σ(x), for any x.
inline double logSigmoid(double x) { return std::fmin(x, 0) - std::log1p(std::exp(-std::fabs(x))); }

/// Σ e^z, as its logarithm.
double logTotal(const double *z, int64_t count);

/// Gives what a loss gives.
inline mlir::LogicalResult giveLoss(mlir::Operation *op, double sum, double count,
                                    llvm::SmallVectorImpl<Value> &results, Context &context) {
  if (failed(context.give(op, Tensor({}, {sum}), results)))
    return mlir::failure();
  return context.give(op, Tensor({}, {count}), results);
}

/// Fails, with a message, if operands don't have the shape of the first of them at run time.
mlir::LogicalResult expectOneShape(mlir::Operation *op, llvm::ArrayRef<Value> inputs);

/// A tensor of rank 0.
inline Tensor scalarTensor(double value) { return Tensor({}, {value}); }

} // namespace ph::reference
