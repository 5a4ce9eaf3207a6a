#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

static void cacheAppend(xf::CacheAppendOp op, const CostPoint &at, Cost &cost) {
  xf::CacheType cache = op.getCache().getType();
  if (op.getRope())
    cost.flop = at.tokens * getRotation(*op.getRope(), cache.getHeads());
  cost.cacheBytesWritten = at.tokens * getPositionBytes(cache);
}

/// What reads the cache as a tensor is a view: who uses it reads it.
void registerCacheCost(MLIRContext *context) {
  attach<xf::CacheAppendOp, cacheAppend>(context);
  attachFree<xf::CacheKeysOp, xf::CacheValuesOp>(context);
}

} // namespace ph::analysis
