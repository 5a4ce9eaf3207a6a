// Products of rows of K with matrices [N, K]: 2NK for each row.
#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

static void linear(xf::LinearOp op, const CostPoint &at, Cost &cost) {
  double results = getElements(op.getResult().getType(), at);
  int extras = bool(op.getBias()) + bool(op.getActivation()) + bool(op.getResidual());
  cost.flop = results * (2 * getFeatures(op.getInput()) + extras);
}

/// Two products with their biases, the activation and the gate.
static void gatedLinear(xf::GatedLinearOp op, const CostPoint &at, Cost &cost) {
  int biases = bool(op.getGateBias()) + bool(op.getUpBias());
  cost.flop = getElements(op.getResult().getType(), at) * (4 * getFeatures(op.getInput()) + biases + 2);
}

static void linearBackward(xf::LinearBackwardOp op, const CostPoint &at, Cost &cost) {
  cost.flop = getElements(op.getResult().getType(), at) * 2 * getFeatures(op.getGradient());
}

void registerLinearCost(MLIRContext *context) {
  attach<xf::LinearOp, linear>(context);
  attach<xf::GatedLinearOp, gatedLinear>(context);
  attach<xf::LinearBackwardOp, linearBackward>(context);
}

} // namespace ph::analysis
