#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

static void cacheAppend(xf::CacheAppendOp op, const CostPoint &at, Cost &cost) {
  xf::CacheType cache = op.getCache().getType();
  if (op.getRope())
    cost.flop = at.tokens * getRotation(*op.getRope(), cache.getHeads());
  cost.cacheBytesWritten = at.tokens * getPositionBytes(cache);
}

void registerCacheCost(MLIRContext *context) { attach<xf::CacheAppendOp, cacheAppend>(context); }

} // namespace ph::analysis
