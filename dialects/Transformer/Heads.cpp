#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

/// The features of `value` are divided evenly into heads.
static LogicalResult expectHeads(Operation *op, const Twine &what, Value value, int64_t heads) {
  if (features(value) % heads != 0)
    return op->emitOpError() << "expects " << what << " of a multiple of " << heads << " features (heads), but got "
                             << features(value);
  return success();
}

void SplitHeadsOp::build(OpBuilder &builder, OperationState &state, Value input, int64_t heads,
                         ArrayRef<int64_t> sizes) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<Type> parts;
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t size : sizes) {
    shape.back() = heads * size;
    parts.push_back(RankedTensorType::get(shape, type.getElementType()));
  }
  build(builder, state, parts, input, static_cast<uint64_t>(heads));
}

LogicalResult SplitHeadsOp::verify() {
  if (getParts().empty())
    return emitOpError() << "expects at least one result, but got none";
  if (failed(expectHeads(*this, "an input", getInput(), getHeads())))
    return failure();
  int64_t sum = 0;
  for (Value part : getParts()) {
    if (failed(expectHeads(*this, "a result", part, getHeads())) ||
        failed(expectShapeBut(*this, "a result", part, getInput(), features(part))))
      return failure();
    sum += features(part);
  }
  if (sum != features(getInput()))
    return emitOpError() << "expects results of " << features(getInput()) << " features together, but got " << sum;
  return success();
}

int64_t JoinHeadsOp::getWidth(int64_t part) {
  return features(getParts()[part]) / (isShared(part) ? 1 : int64_t(getHeads()));
}

LogicalResult JoinHeadsOp::verify() {
  if (getParts().empty())
    return emitOpError() << "expects at least one part, but got none";
  int64_t previous = -1;
  for (int64_t part : getShared()) {
    if (part <= previous || part >= int64_t(getParts().size()))
      return emitOpError() << "expects rising numbers of its " << getParts().size() << " parts as shared, but got "
                           << part;
    previous = part;
  }
  int64_t sum = 0;
  for (auto [index, part] : llvm::enumerate(getParts())) {
    if (!isShared(index) && failed(expectHeads(*this, "a part", part, getHeads())))
      return failure();
    if (failed(expectShapeBut(*this, "a part", part, getParts().front(), features(part))))
      return failure();
    sum += getWidth(index);
  }
  return expectShapeBut(*this, "a result", getResult(), getParts().front(), int64_t(getHeads()) * sum);
}

LogicalResult HeadLinearOp::verify() {
  ArrayRef<int64_t> shape = getWeight().getType().getShape();
  if (shape.size() != 3)
    return emitOpError() << "expects a weight of rank 3, but got " << getWeight().getType();
  int64_t from = shape[0] * shape[getTransposed() ? 1 : 2], to = shape[0] * shape[getTransposed() ? 2 : 1];
  if (features(getInput()) != from)
    return emitOpError() << "expects an input of " << from << " features, but got " << features(getInput());
  return expectShapeBut(*this, "a result", getResult(), getInput(), to);
}
