#include "lib/Analysis/Cost/Models.h"

namespace ph::analysis {

/// The parts of a split are where its operand is.
void registerRowsCost(mlir::MLIRContext *context) {
  attachFree<xf::SplitOp>(context);
  attach<xf::SelectRowsOp, onlyMoves<xf::SelectRowsOp>>(context);
}

} // namespace ph::analysis
