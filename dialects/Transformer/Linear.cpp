#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

void LinearOp::build(OpBuilder &builder, OperationState &state, Value input, Value weight, Value bias, Value residual,
                     ActivationAttr activation) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = cast<RankedTensorType>(weight.getType()).getDimSize(0);
  build(builder, state, RankedTensorType::get(shape, type.getElementType()), input, weight, bias, residual, activation);
}

LogicalResult LinearOp::verify() {
  int64_t rows = getWeight().getType().getDimSize(0);
  if (failed(expectDim(*this, "the columns of weight", getWeight(), 1, features(getInput()))) ||
      failed(expectShapeBut(*this, "a result", getResult(), getInput(), rows)))
    return failure();
  if (getBias() && failed(expectDim(*this, "the elements of bias", getBias(), 0, rows)))
    return failure();
  return getResidual() ? expectSameShape(*this, "residual", getResidual(), "the result", getResult()) : success();
}

LogicalResult GatedLinearOp::verify() {
  int64_t columns = features(getInput()), rows = getGate().getType().getDimSize(0);
  if (failed(expectDim(*this, "the columns of gate", getGate(), 1, columns)) ||
      failed(expectDim(*this, "the columns of up", getUp(), 1, columns)) ||
      failed(expectDim(*this, "the rows of up", getUp(), 0, rows)))
    return failure();
  for (auto [name, bias] : {std::pair("gate_bias", getGateBias()), {"up_bias", getUpBias()}})
    if (bias && failed(expectDim(*this, "the elements of " + Twine(name), bias, 0, rows)))
      return failure();
  return expectShapeBut(*this, "a result", getResult(), getInput(), rows);
}

void LinearBackwardOp::build(OpBuilder &builder, OperationState &state, Value gradient, Value weight) {
  auto type = cast<RankedTensorType>(gradient.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = cast<RankedTensorType>(weight.getType()).getDimSize(1);
  build(builder, state, RankedTensorType::get(shape, type.getElementType()), gradient, weight);
}

LogicalResult LinearBackwardOp::verify() {
  if (failed(expectDim(*this, "the rows of weight", getWeight(), 0, features(getGradient()))))
    return failure();
  return expectShapeBut(*this, "a result", getResult(), getGradient(), getWeight().getType().getDimSize(1));
}
