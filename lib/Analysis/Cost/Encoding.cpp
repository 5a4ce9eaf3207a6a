#include "lib/Analysis/Cost/Models.h"

namespace ph::analysis {

void registerEncodingCost(mlir::MLIRContext *context) { attach<xf::EncodeOp, perElement<xf::EncodeOp, 3>>(context); }

} // namespace ph::analysis
