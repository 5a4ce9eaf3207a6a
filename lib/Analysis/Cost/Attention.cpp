#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// Positions: those of keys whose number is known, or the context.
template <class Op> static double countPositions(Op op, const CostPoint &at) {
  Value keys = op.getKeys();
  auto type = keys ? cast<RankedTensorType>(keys.getType()) : RankedTensorType();
  return type && !type.isDynamicDim(1) ? double(type.getDimSize(1)) : at.context;
}

/// Pairs of a query and a position that it sees: the last query stands at the last position. What depends on values
/// (where sequences begin and end, what is padding) is not known here.
template <class Op> static double countPairs(Op op, const CostPoint &at) {
  double positions = countPositions(op, at), pairs = 0;
  bool causal = op.getMask() == xf::Mask::Causal;
  if (!causal && !op.getWindow())
    return at.tokens * positions;
  double window = op.getWindow() ? double(*op.getWindow()) : positions, keep = op.getKeep() ? double(*op.getKeep()) : 0;
  for (double query = std::max(0.0, positions - at.tokens); query < positions; ++query)
    pairs += std::min(query + 1, window) + std::min(keep, std::max(0.0, query + 1 - window)) +
             (causal ? 0 : std::min(positions - 1 - query, window - 1));
  return pairs;
}

/// For each pair and head 5 for scale, maximum, difference, exponential and sum, and what options add: quotient, tanh
/// and product of a soft cap; the sum of a bias; product and sum of a slope.
template <class Op> static double costOfScore(Op op) {
  return 5 + 3 * bool(op.getSoftCap()) + bool(op.getBias()) + 2 * bool(op.getAlibi());
}

/// Keys and values have a row for each position, not for each token.
template <class Op> static void countKeys(Op op, const CostPoint &at, Cost &cost) {
  for (Value value : {Value(op.getKeys()), Value(op.getValues())})
    if (value && cast<RankedTensorType>(value.getType()).isDynamicDim(1))
      cost.activationBytes += getBytes(value.getType(), at) * (at.context / at.tokens - 1);
}

/// For each pair and head 2 · head_dim for the product of query and key and 2 · value_head_dim for the weighted sum of
/// values; for each token and head difference, exponential and sum of a sink; its rotations. Of a window only what some
/// token sees is read from the cache, and what is kept.
static void attention(xf::AttentionOp op, const CostPoint &at, Cost &cost) {
  double heads = double(op.getHeads());
  cost.flop = countPairs(op, at) * heads * (2 * double(op.getHeadDim() + op.getValueHeadDim()) + costOfScore(op));
  if (op.getSinks())
    cost.flop += 3 * at.tokens * heads;
  if (op.getRope())
    cost.flop += at.tokens * getRotation(*op.getRope(), op.getHeads() + (op.getKeys() ? op.getKeyHeads() : 0));
  if (op.getCache()) {
    double seen = op.getWindow()
                      ? std::min(at.context, double(*op.getWindow()) + at.tokens - 1 + double(op.getKeep().value_or(0)))
                      : at.context;
    cost.cacheBytesRead = seen * getPositionBytes(cast<xf::CacheType>(op.getCache().getType()));
  }
  countKeys(op, at, cost);
}

/// The scores once more, and for each pair and head two products with keys, two with values and one with the query, 4
/// for the derivative of the softmax, 3 for that of a soft cap; the scale of what query and keys get.
static void attentionBackward(xf::AttentionBackwardOp op, const CostPoint &at, Cost &cost) {
  double keyDim = double(op.getHeadDim()), valueDim = double(op.getValueHeadDim()), heads = double(op.getHeads());
  double each = 6 * keyDim + 4 * valueDim + costOfScore(op) + 4 + 3 * bool(op.getSoftCap());
  cost.flop = countPairs(op, at) * heads * each + at.tokens * heads * keyDim +
              countPositions(op, at) * double(op.getKeyHeads()) * keyDim;
  if (op.getSinks())
    cost.flop += 3 * at.tokens * heads;
  // Twice: what is read, and its derivative.
  countKeys(op, at, cost);
  countKeys(op, at, cost);
}

/// Difference, quotient, logarithm and product of each pair; of query and keys only the shapes are asked for.
static void relativePositionBias(xf::RelativePositionBiasOp op, const CostPoint &at, Cost &cost) {
  auto type = cast<RankedTensorType>(op.getResult().getType());
  cost.flop = 4 * getDimension(type, 2, at) * getDimension(type, 3, at);
  cost.activationBytes = getBytes(type, at);
  if (op.getPast())
    cost.activationBytes += getBytes(op.getPast().getType(), at);
}

void registerAttentionCost(MLIRContext *context) {
  attach<xf::AttentionOp, attention>(context);
  attach<xf::AttentionBackwardOp, attentionBackward>(context);
  attach<xf::RelativePositionBiasOp, relativePositionBias>(context);
}

} // namespace ph::analysis
