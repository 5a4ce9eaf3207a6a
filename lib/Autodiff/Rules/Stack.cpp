// Layers of stacks.
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {

static LogicalResult pullRead(Pullback &pull, xf::StackReadOp op) {
  Primitives &p = pull.p;
  Value gradient = pull.gradientOf(op.getResult()), sum = pull.gradientOf(op.getStack());
  if (sum)
    gradient = p.add(xf::StackReadOp::create(p, sum, op.getIndex()), gradient);
  else
    sum = zerosLike(p, op.getStack());
  pull.set(op.getStack(), xf::StackWriteOp::create(p, gradient, sum, op.getIndex()));
  return success();
}

static LogicalResult pullWrite(Pullback &pull, xf::StackWriteOp op) {
  Primitives &p = pull.p;
  Value gradient = pull.gradientOf(op.getResult());
  if (pull.wants(op.getValue()))
    pull.add(op.getValue(), xf::StackReadOp::create(p, gradient, op.getIndex()));
  if (pull.wants(op.getStack()))
    pull.add(op.getStack(), xf::StackWriteOp::create(p, zerosLike(p, op.getValue()), gradient, op.getIndex()));
  return success();
}
static LogicalResult pushWrite(Pushforward &push, xf::StackWriteOp op) {
  Value value = push.tangentOf(op.getValue()), stack = push.tangentOf(op.getStack());
  if (!value)
    value = zerosLike(push.p, op.getValue());
  if (!stack)
    stack = zerosLike(push.p, op.getStack());
  push.add(op.getResult(), xf::StackWriteOp::create(push.p, value, stack, op.getIndex()));
  return success();
}

/// Only the shape counts.
static LogicalResult pullEmpty(Pullback &, xf::StackEmptyOp) { return success(); }
static LogicalResult pushEmpty(Pushforward &, xf::StackEmptyOp) { return success(); }

void registerStackRules(MLIRContext *context) {
  attach<xf::StackEmptyOp, pullEmpty, pushEmpty>(context);
  attachMultilinear<xf::StackReadOp, pullRead>(context);
  attach<xf::StackWriteOp, pullWrite, pushWrite>(context);
}

} // namespace ph::autodiff
