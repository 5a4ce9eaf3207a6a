#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// Square, sum, factor and weight of each element; mean, eps and root of each row.
static void rmsNorm(xf::RmsNormOp op, const CostPoint &at, Cost &cost) {
  cost.flop = 4 * getElements(op.getInput().getType(), at) + 3 * getRows(op.getInput(), at);
}

void registerNormalizationCost(MLIRContext *context) { attach<xf::RmsNormOp, rmsNorm>(context); }

} // namespace ph::analysis
