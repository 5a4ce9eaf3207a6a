#include "lib/Autodiff/Pullback.h"
#include "powerhouse/Interfaces/DifferentiableOpInterface.h"

using namespace mlir;

namespace ph::autodiff {

SmallVector<Operation *> opsMadeBy(Primitives &p, llvm::function_ref<void()> make) {
  Block *block = p.getInsertionBlock();
  auto place = p.getInsertionPoint();
  Operation *before = place == block->begin() ? nullptr : &*std::prev(place);
  make();
  SmallVector<Operation *> ops;
  for (auto at = before ? std::next(before->getIterator()) : block->begin(); at != p.getInsertionPoint(); ++at)
    ops.push_back(&*at);
  return ops;
}

void Pullback::add(Value value, Value gradient) {
  if (!wants(value))
    return;
  gradient = as(p, gradient, value.getType());
  Value &sum = gradients[value];
  sum = sum ? as(p, p.add(sum, gradient), value.getType()) : gradient;
}

LogicalResult Pullback::addSummed(Operation *op, Value value, Value gradient, int64_t inner) {
  if (!wants(value))
    return success();
  FailureOr<Value> own = sumToLike(p, op, gradient, value, inner);
  if (failed(own))
    return failure();
  add(value, *own);
  return success();
}

LogicalResult Pullback::spelled(Operation *op, llvm::function_ref<SmallVector<Value>(Primitives &)> spell) {
  SmallVector<Value> values;
  SmallVector<Operation *> ops = opsMadeBy(p, [&] { values = spell(p); });
  for (Operation *each : ops)
    activity.follow(each);
  for (auto [result, value] : llvm::zip_equal(op->getResults(), values))
    if (Value gradient = gradientOf(result); gradient && value)
      add(value, gradient);
  return reverse(ops);
}

LogicalResult Pullback::reverse(Operation *op) {
  auto hasGradient = [&](Value result) { return bool(gradientOf(result)); };
  if (llvm::none_of(op->getResults(), hasGradient))
    return success();
  p.setLoc(op->getLoc());
  if (auto loop = dyn_cast<xf::RepeatOp>(op))
    return reverseLoop(*this, loop);
  if (auto differentiable = dyn_cast<DifferentiableOpInterface>(op))
    return differentiable.pullback(*this);
  return op->emitOpError() << "has no derivative rule";
}

LogicalResult Pullback::reverse(ArrayRef<Operation *> ops) {
  for (Operation *op : llvm::reverse(ops))
    if (failed(reverse(op)))
      return failure();
  return success();
}

} // namespace ph::autodiff
