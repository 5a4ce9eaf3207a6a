#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::train;

/// At least one operand, and a scalar for a result.
static LogicalResult verifyOfAll(Operation *op) {
  if (op->getNumOperands() == 0)
    return op->emitOpError() << "expects at least one tensor, but got none";
  return expectScalars(op, op->getResults());
}

LogicalResult GlobalNormOp::verify() { return verifyOfAll(*this); }
LogicalResult AllFiniteOp::verify() { return verifyOfAll(*this); }

LogicalResult ClipFactorOp::verify() {
  if (failed(expectScalars(*this, {getNorm(), getResult()})))
    return failure();
  return expectPositive(*this, "max_norm", getMaxNormAttr());
}

LogicalResult LossScaleOp::verify() {
  if (failed(expectScalars(*this, getOperands())) || failed(expectScalars(*this, getResults())))
    return failure();
  double growth = getGrowth().convertToDouble(), backoff = getBackoff().convertToDouble();
  if (failed(expectNumber(*this, growth >= 1 && !getGrowth().isInfinity(), "a finite growth ≥ 1", getGrowthAttr())) ||
      failed(expectNumber(*this, backoff > 0 && backoff <= 1, "0 < backoff ≤ 1", getBackoffAttr())))
    return failure();
  if (int64_t(getInterval()) <= 0)
    return emitOpError() << "expects interval > 0, but got " << int64_t(getInterval());
  return success();
}
