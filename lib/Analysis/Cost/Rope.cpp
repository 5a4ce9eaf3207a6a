#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

static void rope(xf::RopeOp op, const CostPoint &at, Cost &cost) {
  cost.flop = getRows(op.getInput(), at) * getRotation(op.getRope(), op.getHeads());
}

void registerRopeCost(MLIRContext *context) { attach<xf::RopeOp, rope>(context); }

} // namespace ph::analysis
