// Stacks are tensors, of which a layer is a slice.
#include "Lowering.h"

using namespace mlir;

namespace ph::conversion {

static LogicalResult stackEmpty(Lowering &l, xf::StackEmptyOp op) {
  Sizes sizes = {l.attribute(op.getCount())};
  llvm::append_range(sizes, l.sizesOf(l.of(op.getLike())));
  Value stack = tensor::EmptyOp::create(l.s, sizes, op.getResult().getType().getElementType());
  l.know(stack, sizes);
  l.give(op.getResult(), stack);
  return success();
}

/// Layer `index` of a stack of these sizes.
static Part layer(Lowering &l, Value index, ArrayRef<OpFoldResult> sizes) {
  Part part;
  part.offsets.assign(sizes.size(), l.attribute(0));
  part.offsets.front() = l.of(index);
  part.sizes.assign(sizes.begin(), sizes.end());
  part.sizes.front() = l.attribute(1);
  return part;
}

static LogicalResult stackRead(Lowering &l, xf::StackReadOp op) {
  Value stack = l.of(op.getStack());
  l.give(op.getResult(), l.slice(stack, layer(l, op.getIndex(), l.sizesOf(stack)), {0}));
  return success();
}

static LogicalResult stackWrite(Lowering &l, xf::StackWriteOp op) {
  Value stack = l.of(op.getStack()), value = l.of(op.getValue());
  auto type =
      RankedTensorType::get(op.getStack().getType().getShape().drop_front(), op.getStack().getType().getElementType());
  if (value.getType() != type)
    value = tensor::CastOp::create(l.s, type, value);
  l.give(op.getResult(), l.insert(value, stack, layer(l, op.getIndex(), l.sizesOf(stack))));
  return success();
}

void addStack(Handlers &handlers) {
  handlers.add<xf::StackEmptyOp, stackEmpty>();
  handlers.add<xf::StackReadOp, stackRead>();
  handlers.add<xf::StackWriteOp, stackWrite>();
}

} // namespace ph::conversion
