// The external models of ReferenceOpInterface, one registration function for each op family.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "powerhouse/Reference/Interpreter.h"

namespace ph::reference {

void registerActivation(mlir::MLIRContext *context);
void registerAttention(mlir::MLIRContext *context);
void registerCache(mlir::MLIRContext *context);
void registerContraction(mlir::MLIRContext *context);
void registerElementwise(mlir::MLIRContext *context);
void registerEmbedding(mlir::MLIRContext *context);
void registerEncoding(mlir::MLIRContext *context);
void registerExperts(mlir::MLIRContext *context);
void registerHeads(mlir::MLIRContext *context);
void registerLinear(mlir::MLIRContext *context);
void registerLogits(mlir::MLIRContext *context);
void registerLoss(mlir::MLIRContext *context);
void registerNormalization(mlir::MLIRContext *context);
void registerPooling(mlir::MLIRContext *context);
void registerRelativePosition(mlir::MLIRContext *context);
void registerRepeat(mlir::MLIRContext *context);
void registerRope(mlir::MLIRContext *context);
void registerRows(mlir::MLIRContext *context);
void registerSampling(mlir::MLIRContext *context);
void registerVision(mlir::MLIRContext *context);
void registerShape(mlir::MLIRContext *context);
void registerStack(mlir::MLIRContext *context);
void registerWeights(mlir::MLIRContext *context);
void registerFunc(mlir::MLIRContext *context);
void registerArith(mlir::MLIRContext *context);
void registerLinalg(mlir::MLIRContext *context);
void registerMath(mlir::MLIRContext *context);
void registerScf(mlir::MLIRContext *context);
void registerTensor(mlir::MLIRContext *context);

/// Makes `evaluate` (a function of the typed op) the reference semantics of `Op`.
template <class Op,
          mlir::LogicalResult (*function)(Op, llvm::ArrayRef<Value>, llvm::SmallVectorImpl<Value> &, Context &)>
struct Model : ReferenceOpInterface::ExternalModel<Model<Op, function>, Op> {
  mlir::LogicalResult evaluate(mlir::Operation *op, llvm::ArrayRef<Value> inputs, llvm::SmallVectorImpl<Value> &results,
                               Context &context) const {
    return function(llvm::cast<Op>(op), inputs, results, context);
  }
};

template <class Op,
          mlir::LogicalResult (*function)(Op, llvm::ArrayRef<Value>, llvm::SmallVectorImpl<Value> &, Context &)>
void attach(mlir::MLIRContext *context) {
  Op::template attachInterface<Model<Op, function>>(*context);
}

/// The value of an optional operand; null if `operand` is.
inline const Value *find(mlir::Operation *op, mlir::Value operand, llvm::ArrayRef<Value> inputs) {
  if (!operand)
    return nullptr;
  for (mlir::OpOperand &candidate : op->getOpOperands())
    if (candidate.get() == operand)
      return &inputs[candidate.getOperandNumber()];
  return nullptr;
}

/// Reports that operands don't fit together at run time.
mlir::LogicalResult mismatch(mlir::Operation *op, const llvm::Twine &expected, llvm::ArrayRef<int64_t> got);

/// x rotated in place: `row` is [heads * headDim] of a token at `position`.
void rotate(double *row, int64_t heads, int64_t headDim, double position, xf::RopeAttr rope,
            llvm::ArrayRef<double> frequencies);

/// Rotates each row of [batch, sequence, heads * headDim] by the positions [batch, sequence]. Fails, with a message at
/// `op`, if shapes don't fit.
mlir::LogicalResult rotateAll(mlir::Operation *op, Tensor &tensor, const Tensor &positions, int64_t headDim,
                              xf::RopeAttr rope);

/// The activation as a function.
double activate(xf::Activation activation, double x);

/// y[r][n] = Σ_k x[r][k] w[n][k].
Tensor product(const Tensor &input, const Tensor &weight);

/// The scores that xf.logits gives, rounded as it does, so that what are equal ones there are wherever they are made.
Tensor score(const Tensor &input, const Tensor &weight, std::optional<llvm::APFloat> scale,
             std::optional<llvm::APFloat> softCap, const Context &context);

} // namespace ph::reference
