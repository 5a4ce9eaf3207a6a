#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// Pairs of a query and a position that it sees. Query s of T has, with a causal mask, C - (T - 1 - s) positions. What
/// depends on values (where sequences begin and end) is not known here.
static double countPairs(xf::AttentionOp op, const CostPoint &at) {
  if (op.getMask() != xf::Mask::Causal)
    return at.tokens * at.context;
  double pairs = 0;
  for (double before = 0; before < at.tokens && before < at.context; ++before)
    pairs += at.context - before;
  return pairs;
}

/// For each pair and head 2 · head_dim for the product of query and key, 2 · value_head_dim for the weighted sum of
/// values, and 5 for scale, maximum, difference, exponential and sum; its rotations.
static void attention(xf::AttentionOp op, const CostPoint &at, Cost &cost) {
  cost.flop = countPairs(op, at) * double(op.getHeads()) * (2 * double(op.getHeadDim() + op.getValueHeadDim()) + 5);
  if (op.getRope())
    cost.flop += at.tokens * getRotation(*op.getRope(), op.getHeads() + (op.getKeys() ? op.getKeyHeads() : 0));
  if (op.getCache())
    cost.cacheBytesRead = at.context * getPositionBytes(cast<xf::CacheType>(op.getCache().getType()));
}

void registerAttentionCost(MLIRContext *context) { attach<xf::AttentionOp, attention>(context); }

} // namespace ph::analysis
