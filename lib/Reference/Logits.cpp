#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

static LogicalResult logits(xf::LogitsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  Tensor result = product(inputs[0].tensor(), inputs[1].tensor());
  double scale = op.getScale() ? op.getScale()->convertToDouble() : 1;
  for (double &x : result.data) {
    x *= scale;
    if (op.getSoftCap()) {
      double cap = op.getSoftCap()->convertToDouble();
      x = cap * std::tanh(x / cap);
    }
  }
  return context.give(op, std::move(result), results);
}

void registerLogits(MLIRContext *context) { attach<xf::LogitsOp, logits>(context); }

} // namespace ph::reference
