#include "lib/Autodiff/Activity.h"
#include "dialects/Training/Training.h"

using namespace mlir;

namespace ph::autodiff {

bool isDifferentiable(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getElementType().isF32() && !tensor.getEncoding();
}

SmallVector<bool> Activity::inLoop(xf::RepeatOp loop) const {
  Block::BlockArgListType carried = loop.getBlock()->getArguments().drop_front();
  SmallVector<bool> result =
      llvm::map_to_vector(loop.getInitValues(), [&](Value init) { return active.contains(init); });
  // What depends on an active value one iteration later may be carried to others in the next.
  for (bool changed = true; changed;) {
    changed = false;
    Activity body = *this;
    for (auto [argument, isActive] : llvm::zip_equal(carried, result))
      if (isActive)
        body.add(argument);
    for (Operation &op : loop.getBlock()->without_terminator())
      body.follow(&op);
    for (auto [yielded, isActive] : llvm::zip_equal(loop.getYield().getValues(), result))
      if (!isActive && body.contains(yielded))
        changed = isActive = true;
  }
  return result;
}

void Activity::follow(Operation *op) {
  if (auto loop = dyn_cast<xf::RepeatOp>(op)) {
    for (auto [result, isActive] : llvm::zip_equal(loop.getResults(), inLoop(loop)))
      if (isActive)
        add(result);
    return;
  }
  // What a loss takes as given.
  if (isa<train::StopGradientOp, train::GaeOp>(op))
    return;
  bool depends = false;
  op->walk(
      [&](Operation *inner) { depends |= llvm::any_of(inner->getOperands(), [&](Value v) { return contains(v); }); });
  if (!depends)
    return;
  for (Value result : op->getResults())
    if (isDifferentiable(result.getType()))
      add(result);
}

} // namespace ph::autodiff
