#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

LogicalResult LmLossOp::verify() {
  if (failed(expectSameShape(*this, "labels", getLabels(), "logp", getLogp())))
    return failure();
  return expectScalars(*this, getResults());
}
