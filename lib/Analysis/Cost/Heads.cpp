#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// Each element of the matrices is multiplied and added once for each token.
static void headLinear(xf::HeadLinearOp op, const CostPoint &at, Cost &cost) {
  cost.flop = 2 * getRows(op.getInput(), at) * getElements(op.getWeight().getType(), at);
}

void registerHeadsCost(MLIRContext *context) {
  attach<xf::HeadLinearOp, headLinear>(context);
  attach<xf::SplitHeadsOp, onlyMoves<xf::SplitHeadsOp>>(context);
  attach<xf::JoinHeadsOp, onlyMoves<xf::JoinHeadsOp>>(context);
}

} // namespace ph::analysis
