// Products of rows of K with matrices [N, K]: 2NK for each row.
#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

static void linear(xf::LinearOp op, const CostPoint &at, Cost &cost) {
  double results = getElements(op.getResult().getType(), at);
  cost.flop = results * (2 * getFeatures(op.getInput()) + bool(op.getBias()) + bool(op.getResidual()));
}

/// Two products, the activation and the gate.
static void gatedLinear(xf::GatedLinearOp op, const CostPoint &at, Cost &cost) {
  cost.flop = getElements(op.getResult().getType(), at) * (4 * getFeatures(op.getInput()) + 2);
}

void registerLinearCost(MLIRContext *context) {
  attach<xf::LinearOp, linear>(context);
  attach<xf::GatedLinearOp, gatedLinear>(context);
}

} // namespace ph::analysis
