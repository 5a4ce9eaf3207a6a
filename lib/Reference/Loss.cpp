#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

static LogicalResult crossEntropy(xf::CrossEntropyOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  const Tensor &logits = inputs[0].tensor(), &labels = inputs[1].tensor();
  if (labels.shape != ArrayRef(logits.shape).drop_back())
    return mismatch(op, "a label for each row", labels.shape);
  double smoothing = op.getSmoothing() ? op.getSmoothing()->convertToDouble() : 0, sum = 0, count = 0;
  int64_t columns = logits.columns();
  for (auto [row, label] : llvm::enumerate(labels.data)) {
    if (op.getIgnoreIndex() && int64_t(label) == int64_t(*op.getIgnoreIndex()))
      continue;
    if (label < 0 || label >= double(columns))
      return mismatch(op, "labels from 0 to " + Twine(columns - 1), int64_t(label));
    const double *z = logits.row(row);
    double largest = *std::max_element(z, z + columns), total = 0, mean = 0;
    for (int64_t v = 0; v < columns; ++v) {
      total += std::exp(z[v] - largest);
      mean += z[v] / double(columns);
    }
    double logTotal = largest + std::log(total);
    sum -= (1 - smoothing) * (z[int64_t(label)] - logTotal) + smoothing * (mean - logTotal);
    ++count;
  }
  return context.give(op, Tensor({}, {count == 0 ? 0 : sum / count}), results);
}

void registerLoss(MLIRContext *context) { attach<xf::CrossEntropyOp, crossEntropy>(context); }

} // namespace ph::reference
