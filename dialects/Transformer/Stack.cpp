#include "dialects/Transformer/Broadcast.h"

using namespace mlir;
using namespace ph::xf;

static SmallVector<int64_t> stackedShape(Value like, int64_t count) {
  SmallVector<int64_t> shape = {count};
  llvm::append_range(shape, shapeOf(like));
  return shape;
}

void StackEmptyOp::build(OpBuilder &builder, OperationState &state, Value like, int64_t count) {
  build(builder, state, RankedTensorType::get(stackedShape(like, count), elementOf(like)), like,
        static_cast<uint64_t>(count));
}

LogicalResult StackEmptyOp::verify() {
  return expectResult(*this, stackedShape(getLike(), getCount()), elementOf(getLike()));
}

void StackReadOp::build(OpBuilder &builder, OperationState &state, Value stack, Value index) {
  build(builder, state, RankedTensorType::get(shapeOf(stack).drop_front(), elementOf(stack)), stack, index);
}

static LogicalResult expectStack(Operation *op, Value stack) {
  if (shapeOf(stack).empty())
    return op->emitOpError() << "expects a stack of rank 1 or more, but got " << stack.getType();
  return success();
}

LogicalResult StackReadOp::verify() {
  if (failed(expectStack(*this, getStack())))
    return failure();
  return expectResult(*this, shapeOf(getStack()).drop_front(), elementOf(getStack()));
}

LogicalResult StackWriteOp::verify() {
  if (failed(expectStack(*this, getStack())))
    return failure();
  ArrayRef<int64_t> shape = shapeOf(getStack()).drop_front(), value = shapeOf(getValue());
  if (elementOf(getValue()) != elementOf(getStack()) || shape.size() != value.size() ||
      !llvm::all_of_zip(shape, value, mayEqual))
    return emitOpError() << "expects a value of the shape of " << getStack().getType()
                         << " without its first dimension, but got " << getValue().getType();
  return success();
}
