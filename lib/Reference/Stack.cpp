#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult stackEmpty(xf::StackEmptyOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  SmallVector<int64_t> shape = {int64_t(op.getCount())};
  llvm::append_range(shape, inputs[0].tensor().shape);
  return context.give(op, Tensor(shape), results);
}

/// The first of `size` elements that index `number` of a stack has.
static FailureOr<int64_t> placeIn(Operation *op, const Tensor &stack, int64_t number, int64_t size) {
  if (number < 0 || number >= stack.shape.front()) {
    mismatch(op, "an index from 0 to " + Twine(stack.shape.front() - 1), number);
    return failure();
  }
  return number * size;
}

static LogicalResult stackRead(xf::StackReadOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  const Tensor &stack = inputs[0].tensor();
  Tensor result(ArrayRef<int64_t>(stack.shape).drop_front());
  FailureOr<int64_t> place = placeIn(op, stack, inputs[1].integer(), result.data.size());
  if (failed(place))
    return failure();
  std::copy_n(stack.data.begin() + *place, result.data.size(), result.data.begin());
  return context.give(op, std::move(result), results);
}

static LogicalResult stackWrite(xf::StackWriteOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  const Tensor &value = inputs[0].tensor();
  Tensor result = inputs[1].tensor();
  if (ArrayRef<int64_t>(result.shape).drop_front() != ArrayRef<int64_t>(value.shape))
    return mismatch(op, "a value of the shape " + shapeText(ArrayRef<int64_t>(result.shape).drop_front()), value.shape);
  FailureOr<int64_t> place = placeIn(op, result, inputs[2].integer(), value.data.size());
  if (failed(place))
    return failure();
  llvm::copy(value.data, result.data.begin() + *place);
  return context.give(op, std::move(result), results);
}

void registerStack(MLIRContext *context) {
  attach<xf::StackEmptyOp, stackEmpty>(context);
  attach<xf::StackReadOp, stackRead>(context);
  attach<xf::StackWriteOp, stackWrite>(context);
}

} // namespace ph::reference
