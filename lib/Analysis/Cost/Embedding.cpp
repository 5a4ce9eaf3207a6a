#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// Reads a row of the table for each token.
static void embedding(xf::EmbeddingOp op, const CostPoint &at, Cost &cost) {
  cost.weightBytes *= at.tokens / double(cast<RankedTensorType>(op.getTable().getType()).getDimSize(0));
  if (op.getScale())
    cost.flop = getElements(op.getResult().getType(), at);
}

void registerEmbeddingCost(MLIRContext *context) {
  attach<xf::EmbeddingOp, embedding>(context);
  attach<xf::MaskedPositionsOp, perElement<xf::MaskedPositionsOp, 1>>(context);
  attach<xf::PositionsOp, onlyMoves<xf::PositionsOp>>(context);
}

} // namespace ph::analysis
