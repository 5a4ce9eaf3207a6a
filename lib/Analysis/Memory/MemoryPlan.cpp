#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "powerhouse/Analysis/Memory.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ph::analysis {

// Of a cache line, and of the widest vector register.
static constexpr int64_t kAlignment = 64;

SmallVector<unsigned> MemoryPlan::getHolders() const {
  SmallVector<unsigned> holders;
  for (auto [index, buffer] : llvm::enumerate(buffers))
    if (buffer.first <= peakEvent && peakEvent <= buffer.last)
      holders.push_back(index);
  llvm::sort(holders,
             [&](unsigned a, unsigned b) { return std::pair(-buffers[a].bytes, a) < std::pair(-buffers[b].bytes, b); });
  return holders;
}

MemoryPlan planMemory(const Lifetimes &lifetimes, const MemoryPoint &at) {
  MemoryPlan plan;
  for (const LiveBuffer &buffer : lifetimes.buffers()) {
    int64_t bytes = 0;
    for (Value value : buffer.values)
      bytes = std::max(bytes, getStoredBytes(value, at));
    if (buffer.nested)
      bytes = planMemory(*buffer.nested, at).arenaBytes * (isa<scf::ForallOp>(buffer.owner) ? at.threads : 1);
    plan.buffers.push_back({bytes, buffer.first, buffer.last, buffer.holder});
  }
  plan.arenaBytes = planArena(plan.buffers, kAlignment);
  for (int64_t event = 0; event < int64_t(lifetimes.events().size()); ++event) {
    int64_t alive = 0;
    for (const ArenaBuffer &buffer : plan.buffers)
      alive += buffer.first <= event && event <= buffer.last ? buffer.bytes : 0;
    if (alive > plan.peakBytes) {
      plan.peakBytes = alive;
      plan.peakEvent = event;
    }
  }
  return plan;
}

int64_t getCacheBytes(TypeRange arguments, const MemoryPoint &at) {
  uint64_t bytes = 0;
  for (Type type : arguments)
    if (auto cache = dyn_cast<xf::CacheType>(type)) {
      uint64_t position = uint64_t(2 * cache.getLayers() * cache.getHeads() * cache.getHeadDim()) *
                          cache.getElementType().getIntOrFloatBitWidth() / 8;
      uint64_t positions = llvm::SaturatingMultiply(uint64_t(at.batch), uint64_t(at.context));
      bytes = llvm::SaturatingMultiplyAdd(positions, position, bytes);
    }
  return int64_t(std::min<uint64_t>(bytes, std::numeric_limits<int64_t>::max()));
}

} // namespace ph::analysis
