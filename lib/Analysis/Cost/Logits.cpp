#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// A product; 1 for a scale; division, tanh and multiplication for a soft cap.
static void logits(xf::LogitsOp op, const CostPoint &at, Cost &cost) {
  double each = 2 * getFeatures(op.getInput()) + bool(op.getScale()) + 3 * bool(op.getSoftCap());
  cost.flop = getElements(op.getResult().getType(), at) * each;
}

void registerLogitsCost(MLIRContext *context) { attach<xf::LogitsOp, logits>(context); }

} // namespace ph::analysis
