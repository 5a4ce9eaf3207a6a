#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// Maximum, difference, exponential and sum for each logit, one more sum for the smoothing; for each row a logarithm,
/// the difference from it, and what adds the row to the others.
static void crossEntropy(xf::CrossEntropyOp op, const CostPoint &at, Cost &cost) {
  cost.flop =
      getElements(op.getLogits().getType(), at) * (4 + bool(op.getSmoothing())) + 3 * getRows(op.getLogits(), at);
}

void registerLossCost(MLIRContext *context) { attach<xf::CrossEntropyOp, crossEntropy>(context); }

} // namespace ph::analysis
