#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult RmsNormOp::verify() {
  if (!(getEps().convertToDouble() >= 0))
    return emitOpError() << "expects eps ≥ 0, but got " << getEps().convertToDouble();
  if (failed(expectDim(*this, "the elements of weight", getWeight(), 0, features(getInput()))))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "the input", getInput());
}
