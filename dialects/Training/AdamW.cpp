#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::train;

LogicalResult AdamWOp::verify() {
  if (failed(expectTypeOf(*this, {getGradient(), getFirst(), getSecond()}, "parameter", getParameter())) ||
      failed(expectTypeOf(*this, getResults(), "parameter", getParameter())) ||
      failed(expectScalars(*this, getOperands().drop_front(4))))
    return failure();
  if (failed(expectFraction(*this, "beta1", getBeta1Attr())) ||
      failed(expectFraction(*this, "beta2", getBeta2Attr())) || failed(expectPositive(*this, "eps", getEpsAttr())))
    return failure();
  return expectNotNegative(*this, "weight_decay", getWeightDecayAttr());
}
