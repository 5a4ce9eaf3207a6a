// The external models of ReferenceOpInterface for the train dialect, one registration function for each op family.
#pragma once
#include "dialects/Training/Training.h"
#include "lib/Reference/Models.h"

namespace ph::reference {

void registerTrainingModels(mlir::DialectRegistry &registry);
void registerAdamW(mlir::MLIRContext *context);
void registerScatterAdd(mlir::MLIRContext *context);
void registerTokenLogp(mlir::MLIRContext *context);
void registerTokenLoss(mlir::MLIRContext *context);

/// The number that a tensor of rank 0 holds; `otherwise` without one.
inline double scalar(const Value *value, double otherwise) { return value ? value->tensor().data[0] : otherwise; }

/// A tensor of rank 0.
inline Tensor scalarTensor(double value) { return Tensor({}, {value}); }

} // namespace ph::reference
