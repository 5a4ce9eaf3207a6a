#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult LogitsOp::verify() {
  if (failed(expectDim(*this, "the columns of weight", getWeight(), 1, features(getInput()))) ||
      failed(expectShapeBut(*this, "a result", getResult(), getInput(), getWeight().getType().getDimSize(0))))
    return failure();
  if (auto cap = getSoftCap(); cap && !(cap->convertToDouble() > 0))
    return emitOpError() << "expects soft_cap > 0, but got " << cap->convertToDouble();
  return success();
}
