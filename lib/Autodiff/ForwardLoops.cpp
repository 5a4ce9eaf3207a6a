// Loops that carry tangents beside values.
#include "lib/Autodiff/Pushforward.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ph::autodiff {

LogicalResult pushLoop(Pushforward &push, xf::RepeatOp loop) {
  Primitives &p = push.p;
  Activity activity;
  for (Value init : loop.getInitValues())
    if (push.tangentOf(init))
      activity.add(init);
  loop.getBody().walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (push.tangentOf(operand))
        activity.add(operand);
  });
  SmallVector<bool> active = activity.inLoop(loop);
  SmallVector<Value> inits(loop.getInitValues());
  for (auto [init, isActive] : llvm::zip_equal(loop.getInitValues(), active))
    if (isActive) {
      Value tangent = push.tangentOf(init);
      inits.push_back(tangent ? tangent : zerosLike(p, init));
    }
  auto twin = xf::RepeatOp::create(p, loop.getCount(), inits);
  unsigned count = active.size();
  {
    OpBuilder::InsertionGuard guard(p);
    Block::BlockArgListType arguments = twin.getBlock()->getArguments().drop_front();
    IRMapping mapping;
    mapping.map(loop.getLayer(), twin.getLayer());
    mapping.map(loop.getBlock()->getArguments().drop_front(), arguments.take_front(count));
    auto tangent = arguments.drop_front(count).begin();
    for (auto [index, isActive] : llvm::enumerate(active))
      if (isActive)
        push.add(arguments[index], *tangent++);
    p.setInsertionPointToStart(twin.getBlock());
    for (Operation &op : loop.getBlock()->without_terminator())
      if (failed(push.push(p.clone(op, mapping))))
        return failure();
    SmallVector<Value> yielded =
        llvm::map_to_vector(loop.getYield().getValues(), [&](Value v) { return mapping.lookupOrDefault(v); });
    for (auto [index, isActive] : llvm::enumerate(active))
      if (isActive) {
        Value moved = push.tangentOf(yielded[index]);
        yielded.push_back(moved ? moved : zerosLike(p, yielded[index]));
      }
    xf::YieldOp::create(p, yielded);
  }
  p.setInsertionPointAfter(twin);
  auto tangent = twin.getResults().drop_front(count).begin();
  for (auto [result, isActive] : llvm::zip_equal(loop.getResults(), active))
    if (isActive)
      push.add(result, *tangent++);
  return success();
}

} // namespace ph::autodiff
