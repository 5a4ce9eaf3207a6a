#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult EmbeddingOp::verify() {
  int64_t rows = getTable().getType().getDimSize(0), offset = getOffset().value_or(0);
  if (offset < 0 || offset >= rows)
    return emitOpError() << "expects an offset from 0 to " << rows - 1 << ", but got " << offset;
  RankedTensorType tokens = getTokens().getType(), result = getResult().getType();
  int64_t expected[] = {tokens.getDimSize(0), tokens.getDimSize(1), features(getTable())};
  if (failed(verifyCompatibleShape(result.getShape(), expected)))
    return emitOpError() << "expects a result of shape " << RankedTensorType::get(expected, result.getElementType())
                         << ", but got " << result;
  return success();
}

LogicalResult PositionsOp::verify() {
  if (failed(expectDim(*this, "the length of past", getPast(), 0, getTokens().getType().getDimSize(0))))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "tokens", getTokens());
}

LogicalResult MaskedPositionsOp::verify() {
  return expectSameShape(*this, "the result", getResult(), "the mask", getMask());
}
