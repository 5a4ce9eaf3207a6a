#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult PoolOp::verify() {
  RankedTensorType input = getInput().getType(), result = getResult().getType();
  if (input.getRank() != 3)
    return emitOpError() << "expects an input of rank 3, but got " << input;
  if (getValid() && (failed(expectDim(*this, "the batch of valid", getValid(), 0, input.getDimSize(0))) ||
                     failed(expectDim(*this, "the sequence of valid", getValid(), 1, input.getDimSize(1)))))
    return failure();
  int64_t expected[] = {input.getDimSize(0), input.getDimSize(2)};
  if (failed(verifyCompatibleShape(result.getShape(), expected)))
    return emitOpError() << "expects a result of shape " << RankedTensorType::get(expected, result.getElementType())
                         << ", but got " << result;
  return success();
}
