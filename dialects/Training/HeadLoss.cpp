#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

LogicalResult ClassificationLossOp::verify() {
  ArrayRef<int64_t> logits = shapeOf(getLogits());
  if (logits.size() != 2 || failed(verifyCompatibleShape(shapeOf(getLabels()), logits.take_front(1))))
    return emitOpError() << "expects logits of rank 2 and a label for each row, but got " << getLogits().getType()
                         << " and " << getLabels().getType();
  return expectScalars(*this, getResults());
}

LogicalResult MultiLabelLossOp::verify() { return expectLoss(*this, "logits"); }

LogicalResult RegressionLossOp::verify() {
  if (failed(expectLoss(*this, "predictions")) || failed(expectPositive(*this, "delta", getDeltaAttr())))
    return failure();
  if (bool(getDelta()) != (getKind() == RegressionKind::Huber))
    return emitOpError() << "expects a delta if and only if the kind is huber, but got '"
                         << stringifyRegressionKind(getKind()) << (getDelta() ? "' with one" : "' without one");
  return success();
}
