#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

/// What both directions ask of their operands.
template <class Op> static LogicalResult verifyRows(Op op) {
  int64_t vocabulary = op.getWeight().getType().getDimSize(0);
  if (failed(expectDim(op, "the columns of weight", op.getWeight(), 1, features(op.getHidden()))) ||
      failed(expectShapeBut(op, "teacher", op.getTeacher(), op.getHidden(), vocabulary)) ||
      failed(expectPositive(op, "temperature", op.getTemperatureAttr())) || failed(expectSoftCap(op, op.getSoftCap())))
    return failure();
  if (op.getChunk() && int64_t(*op.getChunk()) <= 0)
    return op.emitOpError() << "expects chunk > 0, but got " << int64_t(*op.getChunk());
  return success();
}

/// One number for each row.
static LogicalResult verifyOnePerRow(Operation *op, StringRef name, Value value, Value hidden) {
  if (failed(verifyCompatibleShape(shapeOf(value), shapeOf(hidden).drop_back())))
    return op->emitOpError() << "expects " << name << " of the shape of hidden without the last dimension, but got "
                             << value.getType() << " and " << hidden.getType();
  return success();
}

LogicalResult TokenKlOp::verify() {
  if (failed(verifyRows(*this)))
    return failure();
  return verifyOnePerRow(*this, "a result", getResult(), getHidden());
}

void TokenKlBackwardOp::build(OpBuilder &builder, OperationState &state, TokenKlOp forward, Value gradient,
                              bool weightGradient, Value sum) {
  RankedTensorType weight = forward.getWeight().getType();
  SmallVector<Type> types;
  if (weightGradient)
    types.push_back(RankedTensorType::get(weight.getShape(), weight.getElementType()));
  build(builder, state, forward.getHidden().getType(), types, forward.getHidden(), forward.getWeight(),
        forward.getTeacher(), gradient, sum, forward.getTemperature(), forward.getReverse(), forward.getScaleAttr(),
        forward.getSoftCapAttr(), forward.getChunkAttr(), weightGradient);
}

LogicalResult TokenKlBackwardOp::verify() {
  if (failed(verifyRows(*this)) || failed(verifyOnePerRow(*this, "a gradient", getGradient(), getHidden())))
    return failure();
  if (getSum() && !getWeightGradient())
    return emitOpError() << "expects a sum only with weight_gradient";
  if (getSum() && failed(expectSameShape(*this, "sum", getSum(), "weight", getWeight())))
    return failure();
  if (getOthers().size() != size_t(getWeightGradient()))
    return emitOpError() << "expects " << 1 + getWeightGradient() << " results, but got " << 1 + getOthers().size();
  if (failed(expectSameShape(*this, "the first result", getHiddenGradient(), "hidden", getHidden())))
    return failure();
  return getWeightGradient()
             ? expectSameShape(*this, "the weight's gradient", getWeightGradientResult(), "weight", getWeight())
             : success();
}

LogicalResult DistillLossOp::verify() {
  if (failed(expectLoss(*this, "kl")))
    return failure();
  return expectPositive(*this, "temperature", getTemperatureAttr());
}
