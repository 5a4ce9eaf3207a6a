#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

static LogicalResult pool(xf::PoolOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  const Tensor &input = inputs[0].tensor();
  const Value *valid = find(op, op.getValid(), inputs);
  int64_t batch = input.shape[0], sequence = input.shape[1], columns = input.columns();
  if (valid && (valid->tensor().shape[0] != batch || valid->tensor().shape[1] != sequence))
    return mismatch(op, "a valid for each row", valid->tensor().shape);
  Tensor result({batch, columns});
  for (int64_t b = 0; b < batch; ++b) {
    double *y = result.row(b), count = 0;
    for (int64_t s = 0; s < sequence; ++s) {
      if (valid && valid->tensor().row(b)[s] == 0)
        continue;
      const double *x = input.row(b * sequence + s);
      bool first = count++ == 0;
      for (int64_t i = 0; i < columns; ++i)
        switch (op.getKind()) {
        case xf::Pooling::Cls:
          y[i] = first ? x[i] : y[i];
          break;
        case xf::Pooling::Last:
          y[i] = x[i];
          break;
        case xf::Pooling::Mean:
          y[i] += x[i];
          break;
        case xf::Pooling::Max:
          y[i] = first ? x[i] : std::fmax(y[i], x[i]);
          break;
        }
    }
    if (op.getKind() == xf::Pooling::Mean && count > 0)
      for (int64_t i = 0; i < columns; ++i)
        y[i] /= count;
  }
  return context.give(op, std::move(result), results);
}

void registerPooling(MLIRContext *context) { attach<xf::PoolOp, pool>(context); }

} // namespace ph::reference
