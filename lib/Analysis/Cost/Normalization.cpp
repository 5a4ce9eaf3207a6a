#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// `each` operations for each element of `input` and `slice` for each slice that is normed; weight, offset and bias.
template <class Op> static double norm(Op op, Value input, bool bias, int each, int slice, const CostPoint &at) {
  int options = bool(op.getWeight()) + bool(op.getOffset()) + bias;
  return (each + options) * getElements(input.getType(), at) +
         slice * double(op.getHeads().value_or(1)) * getRows(input, at);
}

/// Square, sum and factor of each element; mean, eps and root.
static void rmsNorm(xf::RmsNormOp op, const CostPoint &at, Cost &cost) {
  cost.flop = norm(op, op.getInput(), false, 3, 3, at);
}

/// Sum, difference, square, sum and factor of each element; mean, variance, eps and root.
static void layerNorm(xf::LayerNormOp op, const CostPoint &at, Cost &cost) {
  cost.flop = norm(op, op.getInput(), bool(op.getBias()), 5, 4, at);
}

static void addRmsNorm(xf::AddRmsNormOp op, const CostPoint &at, Cost &cost) {
  cost.flop = norm(op, op.getLhs(), false, 1 + 3, 3, at);
}

static void addLayerNorm(xf::AddLayerNormOp op, const CostPoint &at, Cost &cost) {
  cost.flop = norm(op, op.getLhs(), bool(op.getBias()), 1 + 5, 4, at);
}

void registerNormalizationCost(MLIRContext *context) {
  attach<xf::RmsNormOp, rmsNorm>(context);
  attach<xf::LayerNormOp, layerNorm>(context);
  attach<xf::AddRmsNormOp, addRmsNorm>(context);
  attach<xf::AddLayerNormOp, addLayerNorm>(context);
}

} // namespace ph::analysis
