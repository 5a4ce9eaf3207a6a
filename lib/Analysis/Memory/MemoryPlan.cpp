#include "dialects/Transformer/Transformer.h"
#include "powerhouse/Analysis/Memory.h"

using namespace mlir;

namespace ph::analysis {

// Of a cache line, and of the widest vector register.
static constexpr int64_t kAlignment = 64;

int64_t getStoredBytes(RankedTensorType type, const MemoryPoint &at) {
  int64_t elements = 1, rank = type.getRank();
  bool alone = type.getNumDynamicDims() == 1;
  for (int64_t i = 0; i < rank; ++i) {
    if (!type.isDynamicDim(i))
      elements *= type.getDimSize(i);
    else if (i == rank - 1 && rank >= 3)
      elements *= at.context;
    else if (i == 0)
      elements *= alone && rank <= 2 ? at.rows : at.batch;
    else
      elements *= at.tokens;
  }
  if (xf::FormatAttr format = xf::getFormat(type)) {
    if (const Format *storage = format.getStorage())
      return elements / storage->blockElements * storage->blockBytes;
    return elements + elements / format.getBlockElements() * 4; // codes and a scale for each block
  }
  Type element = type.getElementType();
  int64_t width = element.isIntOrFloat() ? llvm::divideCeil(element.getIntOrFloatBitWidth(), 8) : sizeof(int64_t);
  return elements * width;
}

SmallVector<unsigned> MemoryPlan::getHolders() const {
  SmallVector<unsigned> holders;
  for (auto [index, buffer] : llvm::enumerate(buffers))
    if (buffer.first <= peakEvent && peakEvent <= buffer.last)
      holders.push_back(index);
  llvm::sort(holders,
             [&](unsigned a, unsigned b) { return std::pair(-buffers[a].bytes, a) < std::pair(-buffers[b].bytes, b); });
  return holders;
}

MemoryPlan planMemory(func::FuncOp function, const Lifetimes &lifetimes, const MemoryPoint &at) {
  MemoryPlan plan;
  for (const LiveBuffer &buffer : lifetimes.buffers()) {
    int64_t bytes = 0;
    for (Value value : buffer.values)
      bytes = std::max(bytes, getStoredBytes(cast<RankedTensorType>(value.getType()), at));
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
  for (Type type : function.getArgumentTypes())
    if (auto cache = dyn_cast<xf::CacheType>(type))
      plan.cacheBytes += at.batch * at.context * 2 * cache.getLayers() * cache.getHeads() * cache.getHeadDim() *
                         cache.getElementType().getIntOrFloatBitWidth() / 8;
  return plan;
}

} // namespace ph::analysis
