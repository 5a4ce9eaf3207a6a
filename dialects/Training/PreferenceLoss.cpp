#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

LogicalResult SequenceLogpOp::verify() {
  ArrayRef<int64_t> logp = shapeOf(getLogp());
  if (logp.size() != 2)
    return emitOpError() << "expects logp of rank 2, but got " << getLogp().getType();
  if (failed(expectShapeOf(*this, getMask(), "logp", getLogp())))
    return failure();
  for (Value result : getResults())
    if (failed(verifyCompatibleShape(shapeOf(result), logp.take_front(1))))
      return emitOpError() << "expects a number for each sequence of " << getLogp().getType() << ", but got "
                           << result.getType();
  return success();
}

LogicalResult RewardLossOp::verify() { return expectLoss(*this, "chosen", 1); }

LogicalResult DpoLossOp::verify() {
  if (failed(expectLoss(*this, "chosen", 1)) || failed(expectPositive(*this, "beta", getBetaAttr())))
    return failure();
  return expectFraction(*this, "label_smoothing", getLabelSmoothingAttr());
}

LogicalResult IpoLossOp::verify() {
  return success(succeeded(expectLoss(*this, "chosen", 1)) && succeeded(expectPositive(*this, "beta", getBetaAttr())));
}

LogicalResult SimpoLossOp::verify() {
  if (failed(expectLoss(*this, "chosen", 1)) || failed(expectPositive(*this, "beta", getBetaAttr())))
    return failure();
  return expectNotNegative(*this, "margin", getMarginAttr());
}

LogicalResult OrpoLossOp::verify() {
  if (shapeOf(getChosen()).size() != 1)
    return emitOpError() << "expects chosen of rank 1, but got " << getChosen().getType();
  if (failed(expectShapeOf(*this, {getRejected(), getChosenTokens(), getRejectedTokens()}, "chosen", getChosen())) ||
      failed(expectScalars(*this, getResults())))
    return failure();
  if (getTokensPerPair() && failed(expectScalars(*this, getTokensPerPair())))
    return failure();
  return expectNotNegative(*this, "lambda", getLambdaAttr());
}

LogicalResult KtoBaselineOp::verify() { return expectLoss(*this, "policy", 1); }

LogicalResult KtoLossOp::verify() {
  if (shapeOf(getPolicy()).size() != 1)
    return emitOpError() << "expects policy of rank 1, but got " << getPolicy().getType();
  if (failed(expectShapeOf(*this, {getReference(), getDesirable()}, "policy", getPolicy())) ||
      failed(expectScalars(*this, {getBaseline(), getSum(), getCount()})) ||
      failed(expectPositive(*this, "beta", getBetaAttr())) ||
      failed(expectNotNegative(*this, "desirable_weight", getDesirableWeightAttr())))
    return failure();
  return expectNotNegative(*this, "undesirable_weight", getUndesirableWeightAttr());
}
