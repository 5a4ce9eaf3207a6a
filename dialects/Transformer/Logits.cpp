#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

template <class Op> static LogicalResult verifySoftCap(Op op) {
  if (auto cap = op.getSoftCap(); cap && !(cap->convertToDouble() > 0))
    return op.emitOpError() << "expects soft_cap > 0, but got " << cap->convertToDouble();
  return success();
}

LogicalResult LogitsOp::verify() {
  if (failed(expectDim(*this, "the columns of weight", getWeight(), 1, features(getInput()))) ||
      failed(expectShapeBut(*this, "a result", getResult(), getInput(), getWeight().getType().getDimSize(0))))
    return failure();
  return verifySoftCap(*this);
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
  return verifySoftCap(*this);
}
