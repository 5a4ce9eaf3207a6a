#include "lib/Analysis/Cost/Models.h"

namespace ph::analysis {

void registerRepeatCost(mlir::MLIRContext *context) { attachFree<xf::RepeatOp, xf::YieldOp>(context); }

} // namespace ph::analysis
