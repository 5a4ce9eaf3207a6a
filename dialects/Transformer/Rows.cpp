#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

void SplitOp::build(OpBuilder &builder, OperationState &state, Value input, ArrayRef<int64_t> sizes) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<Type> parts;
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t size : sizes) {
    shape.back() = size;
    parts.push_back(RankedTensorType::get(shape, type.getElementType()));
  }
  build(builder, state, parts, input);
}

SmallVector<int64_t> SplitOp::getSizes() {
  return llvm::map_to_vector(getParts(), [](Value part) { return features(part); });
}

LogicalResult SplitOp::verify() {
  if (getParts().empty())
    return emitOpError() << "expects at least one result, but got none";
  int64_t sum = 0;
  for (Value part : getParts()) {
    if (failed(expectShapeBut(*this, "a result", part, getInput(), features(part))))
      return failure();
    sum += features(part);
  }
  if (sum != features(getInput()))
    return emitOpError() << "expects results of " << features(getInput()) << " features together, but got " << sum;
  return success();
}

LogicalResult SplitOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &results) {
  if (getParts().size() != 1 || getParts().front().getType() != getInput().getType())
    return failure();
  results.push_back(getInput());
  return success();
}

LogicalResult SelectRowsOp::verify() {
  RankedTensorType result = getResult().getType();
  if (getInput().getType().getRank() != 3)
    return emitOpError() << "expects an input of rank 3, but got " << getInput().getType();
  int64_t expected[] = {getRows().getType().getDimSize(0), features(getInput())};
  if (failed(verifyCompatibleShape(result.getShape(), expected)))
    return emitOpError() << "expects a result of shape " << RankedTensorType::get(expected, result.getElementType())
                         << ", but got " << result;
  return success();
}
