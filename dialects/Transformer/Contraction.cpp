#include "dialects/Transformer/Broadcast.h"

using namespace mlir;
using namespace ph::xf;

//===-- matmul ------------------------------------------------------------------------------------------------===//

/// The shape of a product of matrices of rank 2 or more; fails where the leading dimensions don't fit.
static FailureOr<SmallVector<int64_t>> productShape(Value lhs, Value rhs, bool transposeA, bool transposeB) {
  ArrayRef<int64_t> a = shapeOf(lhs), b = shapeOf(rhs);
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes({a.drop_back(2), b.drop_back(2)});
  if (succeeded(shape))
    shape->append({transposeA ? a.back() : a[a.size() - 2], transposeB ? b[b.size() - 2] : b.back()});
  return shape;
}

void MatmulOp::build(OpBuilder &builder, OperationState &state, Value lhs, Value rhs, bool transposeB,
                     bool transposeA) {
  FailureOr<SmallVector<int64_t>> shape = productShape(lhs, rhs, transposeA, transposeB);
  build(builder, state, RankedTensorType::get(succeeded(shape) ? ArrayRef(*shape) : shapeOf(lhs), elementOf(lhs)), lhs,
        rhs, transposeA, transposeB);
}

LogicalResult MatmulOp::verify() {
  ArrayRef<int64_t> a = shapeOf(getLhs()), b = shapeOf(getRhs());
  for (Value operand : getOperands())
    if (shapeOf(operand).size() < 2)
      return emitOpError() << "expects operands of rank 2 or more, but got " << operand.getType();
  int64_t left = getTransposeA() ? a[a.size() - 2] : a.back(), right = getTransposeB() ? b.back() : b[b.size() - 2];
  if (!mayEqual(left, right))
    return emitOpError() << "expects operands of equal K, but got " << left << " and " << right;
  FailureOr<SmallVector<int64_t>> shape = productShape(getLhs(), getRhs(), getTransposeA(), getTransposeB());
  if (failed(shape))
    return emitOpError() << "expects leading dimensions that can be broadcast to one another, but got "
                         << getLhs().getType() << ", " << getRhs().getType();
  return expectResult(*this, *shape, elementOf(getLhs()));
}

//===-- reduce ------------------------------------------------------------------------------------------------===//

static SmallVector<int64_t> reducedShape(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes, bool keepdims) {
  SmallVector<int64_t> result;
  for (auto [axis, size] : llvm::enumerate(shape))
    if (!llvm::is_contained(axes, int64_t(axis)))
      result.push_back(size);
    else if (keepdims)
      result.push_back(1);
  return result;
}

void ReduceOp::build(OpBuilder &builder, OperationState &state, ReduceKind kind, Value input, ArrayRef<int64_t> axes,
                     bool keepdims) {
  build(builder, state, RankedTensorType::get(reducedShape(shapeOf(input), axes, keepdims), elementOf(input)), input,
        kind, axes, keepdims);
}

LogicalResult ReduceOp::verify() {
  int64_t above = -1;
  for (int64_t axis : getAxes()) {
    if (axis <= above)
      return emitOpError() << "expects axes in ascending order, but got " << axis << " after " << above;
    if (failed(expectAxis(*this, axis, getInput())))
      return failure();
    above = axis;
  }
  if (getAxes().empty())
    return emitOpError() << "expects at least one axis, but got none";
  return expectResult(*this, reducedShape(shapeOf(getInput()), getAxes(), getKeepdims()), elementOf(getInput()));
}

//===-- softmax -----------------------------------------------------------------------------------------------===//

void SoftmaxOp::build(OpBuilder &builder, OperationState &state, Value input, int64_t axis) {
  build(builder, state, input.getType(), input, static_cast<uint64_t>(axis));
}

LogicalResult SoftmaxOp::verify() {
  if (failed(expectAxis(*this, getAxis(), getInput())))
    return failure();
  return expectResult(*this, shapeOf(getInput()), elementOf(getInput()));
}
