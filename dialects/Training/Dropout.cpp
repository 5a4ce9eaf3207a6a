#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

LogicalResult DropoutOp::verify() {
  if (failed(expectTypeOf(*this, getResult(), "input", getInput())))
    return failure();
  if (shapeOf(getKey()) != ArrayRef<int64_t>{2})
    return emitOpError() << "expects a key of type tensor<2xi32>, but got " << getKey().getType();
  if (int64_t stream = getStream(); stream < 0 || stream > INT32_MAX)
    return emitOpError() << "expects 0 ≤ stream < 2^31, but got " << stream;
  return expectFraction(*this, "probability", getProbabilityAttr());
}
