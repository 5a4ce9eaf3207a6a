#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// A sum or a maximum of all rows, and a division for the mean; the others only move a row.
static void pool(xf::PoolOp op, const CostPoint &at, Cost &cost) {
  // A row for each sequence.
  CostPoint pooled = {1, at.context};
  if (op.getKind() == xf::Pooling::Mean || op.getKind() == xf::Pooling::Max)
    cost.flop = getElements(op.getInput().getType(), at);
  if (op.getKind() == xf::Pooling::Mean)
    cost.flop += getElements(op.getResult().getType(), pooled);
  cost.activationBytes += getBytes(op.getResult().getType(), pooled) - getBytes(op.getResult().getType(), at);
}

void registerPoolingCost(MLIRContext *context) { attach<xf::PoolOp, pool>(context); }

} // namespace ph::analysis
