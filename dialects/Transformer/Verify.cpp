#include "dialects/Transformer/Verify.h"

using namespace mlir;

namespace ph::xf {

static ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

bool mayEqual(int64_t a, int64_t b) { return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b; }

int64_t features(Value value) { return shapeOf(value).back(); }

LogicalResult expectSameShape(Operation *op, StringRef name, Value value, StringRef otherName, Value other) {
  if (failed(verifyCompatibleShape(shapeOf(value), shapeOf(other))))
    return op->emitOpError() << "expects " << name << " to have the shape of " << otherName << ", but got "
                             << value.getType() << " and " << other.getType();
  return success();
}

LogicalResult expectShapeBut(Operation *op, StringRef name, Value value, Value input, int64_t last) {
  SmallVector<int64_t> expected(shapeOf(input));
  expected.back() = last;
  if (failed(verifyCompatibleShape(shapeOf(value), expected)))
    return op->emitOpError() << "expects " << name << " of shape "
                             << RankedTensorType::get(expected,
                                                      cast<RankedTensorType>(value.getType()).getElementType())
                             << ", but got " << value.getType();
  return success();
}

LogicalResult expectDim(Operation *op, const Twine &what, Value value, unsigned dim, int64_t expected) {
  int64_t size = shapeOf(value)[dim];
  if (!mayEqual(size, expected))
    return op->emitOpError() << "expects " << what << " to be " << expected << ", but got " << size;
  return success();
}

LogicalResult expectRope(Operation *op, Value positions, RopeAttr rope, Value rows, int64_t headDim) {
  if (bool(positions) != bool(rope))
    return op->emitOpError() << "expects positions and a rope together, but got only "
                             << (rope ? "the rope" : "positions");
  if (!rope)
    return success();
  if (rope.getDim() > headDim)
    return op->emitOpError() << "expects a rope of dim ≤ " << headDim << " (head_dim), but got " << rope.getDim();
  if (failed(expectDim(op, "the batch of positions", positions, 0, shapeOf(rows)[0])) ||
      failed(expectDim(op, "the sequence of positions", positions, 1, shapeOf(rows)[1])))
    return failure();
  return success();
}

LogicalResult expectSoftCap(Operation *op, const std::optional<APFloat> &cap) {
  if (cap && !(cap->convertToDouble() > 0))
    return op->emitOpError() << "expects soft_cap > 0, but got " << cap->convertToDouble();
  return success();
}

} // namespace ph::xf
