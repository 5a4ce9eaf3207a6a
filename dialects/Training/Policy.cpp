#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

/// [B, S].
static LogicalResult expectSequences(Operation *op, StringRef name, Value value) {
  if (shapeOf(value).size() != 2)
    return op->emitOpError() << "expects " << name << " of rank 2, but got " << value.getType();
  return success();
}

LogicalResult KlRewardsOp::verify() {
  if (failed(expectSequences(*this, "logp", getLogp())) ||
      failed(expectShapeOf(*this, {getReference(), getMask(), getResult()}, "logp", getLogp())))
    return failure();
  if (failed(verifyCompatibleShape(shapeOf(getScores()), shapeOf(getLogp()).take_front(1))))
    return emitOpError() << "expects a score for each sequence of " << getLogp().getType() << ", but got "
                         << getScores().getType();
  return expectNotNegative(*this, "beta", getBetaAttr());
}

LogicalResult GaeOp::verify() {
  if (failed(expectSequences(*this, "rewards", getRewards())) ||
      failed(expectShapeOf(*this, {getValues(), getMask(), getAdvantages(), getReturns()}, "rewards", getRewards())))
    return failure();
  for (auto [name, value] : {std::pair("gamma", getGammaAttr()), {"lambda", getLambdaAttr()}}) {
    bool holds = value.getValueAsDouble() >= 0 && value.getValueAsDouble() <= 1;
    if (failed(expectNumber(*this, holds, ("0 ≤ " + Twine(name) + " ≤ 1").str(), value)))
      return failure();
  }
  return success();
}

LogicalResult WhitenOp::verify() {
  if (failed(expectShapeOf(*this, {getMask(), getResult()}, "input", getInput())))
    return failure();
  return expectPositive(*this, "eps", getEpsAttr());
}

LogicalResult PpoLossOp::verify() {
  return success(succeeded(expectLoss(*this, "logp")) && succeeded(expectPositive(*this, "clip", getClipAttr())));
}

LogicalResult ValueLossOp::verify() {
  return success(succeeded(expectLoss(*this, "values")) && succeeded(expectPositive(*this, "clip", getClipAttr())));
}
