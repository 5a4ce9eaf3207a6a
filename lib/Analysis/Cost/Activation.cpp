// What works element by element: 1 for each element and operation.
#include "lib/Analysis/Cost/Models.h"

namespace ph::analysis {

/// The activation and the product; a limit is three comparisons.
static void gatedActivation(xf::GatedActivationOp op, const CostPoint &at, Cost &cost) {
  cost.flop = getElements(op.getResult().getType(), at) * (2 + 3 * bool(op.getLimit()) + bool(op.getUpOffset()));
}

void registerActivationCost(mlir::MLIRContext *context) {
  attach<xf::ActivationOp, perElement<xf::ActivationOp, 1>>(context);
  attach<xf::GatedActivationOp, gatedActivation>(context);
  attach<xf::AddOp, perElement<xf::AddOp, 1>>(context);
  attach<xf::MulOp, perElement<xf::MulOp, 1>>(context);
  attach<xf::ScaleOp, perElement<xf::ScaleOp, 1>>(context);
}

} // namespace ph::analysis
