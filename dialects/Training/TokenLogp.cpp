#include "dialects/Training/Training.h"
#include "dialects/Transformer/Broadcast.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

/// What both directions ask of their operands.
template <class Op> static LogicalResult verifyRows(Op op) {
  if (failed(expectDim(op, "the columns of weight", op.getWeight(), 1, features(op.getHidden()))) ||
      failed(expectSoftCap(op, op.getSoftCap())))
    return failure();
  if (failed(verifyCompatibleShape(shapeOf(op.getLabels()), shapeOf(op.getHidden()).drop_back())))
    return op.emitOpError() << "expects labels of the shape of hidden without the last dimension, but got "
                            << op.getLabels().getType() << " and " << op.getHidden().getType();
  if (op.getChunk() && int64_t(*op.getChunk()) <= 0)
    return op.emitOpError() << "expects chunk > 0, but got " << int64_t(*op.getChunk());
  return success();
}

LogicalResult TokenLogpOp::verify() {
  if (failed(verifyRows(*this)))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "labels", getLabels());
}

void TokenLogpBackwardOp::build(OpBuilder &builder, OperationState &state, TokenLogpOp forward, Value gradient,
                                bool weightGradient, bool logp, Value sum) {
  RankedTensorType weight = forward.getWeight().getType();
  SmallVector<Type> types;
  if (weightGradient)
    types.push_back(RankedTensorType::get(weight.getShape(), weight.getElementType()));
  if (logp)
    types.push_back(forward.getResult().getType());
  build(builder, state, forward.getHidden().getType(), types, forward.getHidden(), forward.getWeight(),
        forward.getLabels(), gradient, sum, forward.getIgnoreIndexAttr(), forward.getScaleAttr(),
        forward.getSoftCapAttr(), forward.getChunkAttr(), weightGradient, logp);
}

LogicalResult TokenLogpBackwardOp::verify() {
  if (failed(verifyRows(*this)) || failed(expectSameShape(*this, "gradient", getGradient(), "labels", getLabels())))
    return failure();
  if (getSum() && !getWeightGradient())
    return emitOpError() << "expects a sum only with weight_gradient";
  if (getSum() && failed(expectSameShape(*this, "sum", getSum(), "weight", getWeight())))
    return failure();
  size_t expected = size_t(getWeightGradient()) + size_t(getLogp());
  if (getOthers().size() != expected)
    return emitOpError() << "expects " << 1 + expected << " results, but got " << 1 + getOthers().size();
  if (failed(expectSameShape(*this, "the first result", getHiddenGradient(), "hidden", getHidden())))
    return failure();
  if (getWeightGradient() &&
      failed(expectSameShape(*this, "the weight's gradient", getWeightGradientResult(), "weight", getWeight())))
    return failure();
  return getLogp() ? expectSameShape(*this, "the last result", getLogpResult(), "labels", getLabels()) : success();
}
