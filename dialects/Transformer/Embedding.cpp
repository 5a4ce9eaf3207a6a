#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult EmbeddingOp::verify() {
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
