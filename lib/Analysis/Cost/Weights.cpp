#include "lib/Analysis/Cost/Models.h"

namespace ph::analysis {

/// A loaded weight is a name; who uses it reads it.
void registerWeightsCost(mlir::MLIRContext *context) { attachFree<xf::WeightOp, xf::LoadWeightOp>(context); }

} // namespace ph::analysis
