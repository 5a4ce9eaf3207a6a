#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// A product for each score; 1 for a scale; division, tanh and multiplication for a soft cap; and `more`, what is done
/// with the score: nothing, a comparison with the best so far, or what xf.sample does.
template <class Op, int more> static void logits(Op op, const CostPoint &at, Cost &cost) {
  double each = 2 * getFeatures(op.getInput()) + bool(op.getScale()) + 3 * bool(op.getSoftCap()) + more;
  cost.flop = getRows(op.getInput(), at) * double(op.getWeight().getType().getDimSize(0)) * each;
}

void registerLogitsCost(MLIRContext *context) {
  attach<xf::LogitsOp, logits<xf::LogitsOp, 0>>(context);
  attach<xf::LogitsArgmaxOp, logits<xf::LogitsArgmaxOp, 1>>(context);
  attach<xf::LogitsSampleOp, logits<xf::LogitsSampleOp, 4>>(context);
}

} // namespace ph::analysis
