#include "lib/Reference/Training/Models.h"
#include <algorithm>

using namespace mlir;

namespace ph::reference {

static LogicalResult globalNorm(train::GlobalNormOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  double sum = 0;
  for (const Value &input : inputs)
    for (double x : input.tensor().data)
      sum += x * x;
  return context.give(op, scalarTensor(std::sqrt(sum)), results);
}

static LogicalResult allFinite(train::AllFiniteOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  bool finite = llvm::all_of(inputs, [](const Value &input) {
    return llvm::all_of(input.tensor().data, [](double x) { return std::isfinite(x); });
  });
  return context.give(op, scalarTensor(finite), results);
}

static LogicalResult clipFactor(train::ClipFactorOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  double factor = op.getMaxNorm().convertToDouble() / (scalar(&inputs[0], 0) + 1e-6);
  return context.give(op, scalarTensor(factor < 1 || std::isnan(factor) ? factor : 1), results);
}

static LogicalResult lossScale(train::LossScaleOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  double scale = scalar(&inputs[0], 1), steps = scalar(&inputs[1], 0) + 1;
  if (scalar(&inputs[2], 0) == 0) {
    scale *= op.getBackoff().convertToDouble();
    steps = 0;
  } else if (steps >= double(op.getInterval())) {
    scale *= op.getGrowth().convertToDouble();
    steps = 0;
  }
  if (failed(context.give(op, scalarTensor(scale), results)))
    return failure();
  return context.give(op, scalarTensor(steps), results);
}

static LogicalResult stopGradient(train::StopGradientOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  return context.give(op, inputs[0].tensor(), results);
}

void registerGradientScale(MLIRContext *context) {
  attach<train::GlobalNormOp, globalNorm>(context);
  attach<train::AllFiniteOp, allFinite>(context);
  attach<train::ClipFactorOp, clipFactor>(context);
  attach<train::LossScaleOp, lossScale>(context);
  attach<train::StopGradientOp, stopGradient>(context);
}

} // namespace ph::reference
