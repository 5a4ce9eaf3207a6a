#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult LogitsOp::verify() {
  if (failed(expectDim(*this, "the columns of weight", getWeight(), 1, features(getInput()))) ||
      failed(expectShapeBut(*this, "a result", getResult(), getInput(), getWeight().getType().getDimSize(0))))
    return failure();
  return expectSoftCap(*this, getSoftCap());
}

LogicalResult LogitsArgmaxOp::verify() {
  if (failed(expectDim(*this, "the columns of weight", getWeight(), 1, features(getInput()))))
    return failure();
  auto input = cast<RankedTensorType>(getInput().getType());
  RankedTensorType result = getResult().getType();
  if (failed(verifyCompatibleShape(result.getShape(), input.getShape().drop_back())))
    return emitOpError() << "expects a result of shape "
                         << RankedTensorType::get(input.getShape().drop_back(), result.getElementType()) << ", but got "
                         << result;
  return expectSoftCap(*this, getSoftCap());
}
