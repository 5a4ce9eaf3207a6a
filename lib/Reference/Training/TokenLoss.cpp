#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult lmLoss(train::LmLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  const Tensor &logp = inputs[0].tensor(), &labels = inputs[1].tensor();
  if (labels.shape != logp.shape)
    return mismatch(op, "a label for each log-probability", labels.shape);
  double sum = 0, count = 0;
  for (auto [y, label] : llvm::zip_equal(logp.data, labels.data))
    if (!op.getIgnoreIndex() || int64_t(label) != int64_t(*op.getIgnoreIndex())) {
      sum -= y;
      ++count;
    }
  return giveLoss(op, sum, count, results, context);
}

void registerTokenLoss(MLIRContext *context) { attach<train::LmLossOp, lmLoss>(context); }

} // namespace ph::reference
