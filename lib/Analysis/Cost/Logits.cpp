#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// A product; 1 for a scale; division, tanh and multiplication for a soft cap.
static void logits(xf::LogitsOp op, const CostPoint &at, Cost &cost) {
  double each = 2 * getFeatures(op.getInput()) + bool(op.getScale()) + 3 * bool(op.getSoftCap());
  cost.flop = getElements(op.getResult().getType(), at) * each;
}

/// The same, and a comparison for each score.
static void logitsArgmax(xf::LogitsArgmaxOp op, const CostPoint &at, Cost &cost) {
  double each = 2 * getFeatures(op.getInput()) + bool(op.getScale()) + 3 * bool(op.getSoftCap()) + 1;
  cost.flop = getRows(op.getInput(), at) * double(op.getWeight().getType().getDimSize(0)) * each;
}

void registerLogitsCost(MLIRContext *context) {
  attach<xf::LogitsOp, logits>(context);
  attach<xf::LogitsArgmaxOp, logitsArgmax>(context);
}

} // namespace ph::analysis
