#include "SlotPlanner.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <limits>

using namespace mlir;

namespace ph::conversion {

SlotPlanner::SlotPlanner(func::FuncOp function) : function(function), views(function) {
  int64_t now = 0;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) { begins[op] = ++now; });
  function.walk<WalkOrder::PostOrder>([&](Operation *op) {
    int64_t end = begins[op];
    for (Region &region : op->getRegions())
      for (Operation &inner : region.getOps())
        end = std::max(end, ends[&inner]);
    ends[op] = end;
  });
}

/// Whether each thread reads a number by itself, between phases. It may be late by any number of phases, which others
/// finish without it, and must find there what was written.
static bool readsForItself(Operation *op) {
  return isa<memref::LoadOp>(op) && !op->getParentOfType<scf::ForallOp>() && !op->getParentOfType<linalg::LinalgOp>();
}

int64_t SlotPlanner::lastUse(memref::AllocOp buffer) {
  int64_t last = begins[buffer];
  for (Value alias : views.resolve(buffer.getResult()))
    for (Operation *user : alias.getUsers()) {
      if (readsForItself(user))
        return std::numeric_limits<int64_t>::max();
      // A loop that doesn't hold the buffer comes back to each use of it.
      Operation *at = user;
      for (Operation *parent = user->getParentOp(); parent != function && !parent->isAncestor(buffer);
           parent = parent->getParentOp())
        at = parent;
      last = std::max(last, ends[at]);
    }
  return last;
}

unsigned SlotPlanner::place(memref::AllocOp buffer, const Extent &extent) {
  int64_t begin = begins[buffer], end = lastUse(buffer);
  // The free one of the same dynamic sizes whose static bytes are closest, or a new one.
  std::optional<unsigned> best;
  auto distance = [&](unsigned slot) { return std::abs(slots[slot].extent.bytes - extent.bytes); };
  for (auto [i, slot] : llvm::enumerate(slots))
    if (slot.freeAfter < begin && slot.extent.sizes == extent.sizes && (!best || distance(i) < distance(*best)))
      best = i;
  if (!best) {
    slots.push_back({extent, end});
    return slots.size() - 1;
  }
  slots[*best].extent.bytes = std::max(slots[*best].extent.bytes, extent.bytes);
  slots[*best].freeAfter = end;
  return *best;
}

} // namespace ph::conversion
