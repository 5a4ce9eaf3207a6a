#include "lib/Transforms/Memory/LoopTwins.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace ph {

/// What `loop` keeps in its result `number`: the value that each iteration writes into its layer of it, and nothing
/// else happens to it.
static Value keptIn(xf::RepeatOp loop, unsigned number) {
  Value stack = loop.getBlock()->getArgument(number + 1);
  auto write = loop.getYield().getValues()[number].getDefiningOp<xf::StackWriteOp>();
  bool own = write && write.getStack() == stack && write.getIndex() == loop.getLayer() && stack.hasOneUse() &&
             write->hasOneUse() && write.getStack().getType().getDimSize(0) == int64_t(loop.getCount());
  return own ? write.getValue() : Value();
}

/// The op of `body` that is the same as `op` with its operands mapped; null if there is none.
static Operation *findSame(Operation *op, Block *body, const IRMapping &mapping,
                           const llvm::DenseMap<OperationName, SmallVector<Operation *>> &byName) {
  auto named = byName.find(op->getName());
  if (named == byName.end())
    return nullptr;
  auto same = [&](Value a, Value b) { return success(mapping.lookupOrDefault(a) == b); };
  for (Operation *each : named->second)
    if (OperationEquivalence::isEquivalentTo(op, each, same, nullptr, OperationEquivalence::IgnoreLocations))
      return each;
  return nullptr;
}

static LoopTwins match(xf::RepeatOp first, xf::RepeatOp second) {
  LoopTwins twins{first, second, {}, {}, {}};
  Block *body = second.getBlock();
  IRMapping mapping;
  llvm::DenseMap<OperationName, SmallVector<Operation *>> byName;
  for (Operation &op : *body) {
    byName[op.getName()].push_back(&op);
    auto read = dyn_cast<xf::StackReadOp>(op);
    if (!read || read.getStack().getDefiningOp() != first)
      continue;
    Value kept = keptIn(first, cast<OpResult>(read.getStack()).getResultNumber());
    if (!kept || (twins.layer && twins.layer != read.getIndex()) || read.getType() != kept.getType())
      continue;
    twins.layer = read.getIndex();
    mapping.map(first.getLayer(), twins.layer);
    mapping.map(kept, read.getResult());
    if (!llvm::is_contained(twins.stacks, read.getStack()))
      twins.stacks.push_back(read.getStack());
  }
  if (!twins.layer)
    return twins;
  for (Operation &op : first.getBlock()->without_terminator()) {
    if (op.getNumRegions() || op.getNumResults() == 0 || !isMemoryEffectFree(&op) ||
        llvm::any_of(op.getResults(), [&](Value result) { return mapping.contains(result); }))
      continue;
    if (Operation *same = findSame(&op, body, mapping, byName)) {
      mapping.map(op.getResults(), same->getResults());
      twins.again[same] = &op;
    }
  }
  return twins;
}

SmallVector<LoopTwins> findLoopTwins(Block &block) {
  SmallVector<LoopTwins> found;
  llvm::DenseSet<Operation *> taken;
  SmallVector<xf::RepeatOp> loops(block.getOps<xf::RepeatOp>());
  for (auto [number, second] : llvm::enumerate(loops))
    for (xf::RepeatOp first : ArrayRef(loops).take_front(number)) {
      if (taken.contains(first) || taken.contains(second))
        continue;
      if (LoopTwins twins = match(first, second); !twins.again.empty()) {
        found.push_back(std::move(twins));
        taken.insert_range(ArrayRef<Operation *>{first, second});
      }
    }
  return found;
}

} // namespace ph
