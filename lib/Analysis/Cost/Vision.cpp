#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// A product of the kernel and what it covers for each element of the result, and a bias. What covers padding counts.
template <class Op> static void slide(Op op, const CostPoint &at, Cost &cost) {
  RankedTensorType weight = op.getWeight().getType();
  double covered = double(weight.getNumElements()) / double(weight.getDimSize(0));
  cost.flop = getElements(op.getResult().getType(), at) * (2 * covered + bool(op.getBias()));
}

void registerVisionCost(MLIRContext *context) {
  attach<xf::ConvolutionOp, slide<xf::ConvolutionOp>>(context);
  attach<xf::PatchEmbeddingOp, slide<xf::PatchEmbeddingOp>>(context);
  attach<xf::MergeFeaturesOp, onlyMoves<xf::MergeFeaturesOp>>(context);
}

} // namespace ph::analysis
