#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

static void argmax(xf::ArgmaxOp op, const CostPoint &at, Cost &cost) {
  cost.flop = getElements(op.getInput().getType(), at);
}

/// Maximum, difference, exponential and sum for each logit. What filters do beyond that depends on values.
static void sample(xf::SampleOp op, const CostPoint &at, Cost &cost) {
  cost.flop = 4 * getElements(op.getLogits().getType(), at);
}

void registerSamplingCost(MLIRContext *context) {
  attach<xf::ArgmaxOp, argmax>(context);
  attach<xf::SampleOp, sample>(context);
}

} // namespace ph::analysis
