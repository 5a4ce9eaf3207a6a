#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult relativePositionBias(xf::RelativePositionBiasOp op, ArrayRef<Value> inputs,
                                          SmallVectorImpl<Value> &results, Context &context) {
  const Tensor &table = inputs[0].tensor(), &query = inputs[1].tensor();
  const Value *keys = find(op, op.getKeys(), inputs), *pasts = find(op, op.getPast(), inputs);
  int64_t batch = pasts ? query.shape[0] : 1, sequence = query.shape[1], heads = table.columns(), positions = sequence;
  if (pasts && pasts->tensor().shape[0] != batch)
    return mismatch(op, "a past for each sequence", pasts->tensor().shape);
  if (keys)
    positions = keys->tensor().shape[1];
  else if (pasts)
    for (double past : pasts->tensor().data)
      positions = std::max(positions, int64_t(past) + sequence);

  Tensor result({batch, heads, sequence, positions});
  for (int64_t b = 0; b < batch; ++b) {
    int64_t past = pasts ? int64_t(pasts->tensor().data[b]) : 0;
    for (int64_t s = 0; s < sequence; ++s)
      for (int64_t j = 0; j < positions; ++j) {
        const double *biases = table.row(op.getBucket(j - past - s));
        for (int64_t h = 0; h < heads; ++h)
          result.row((b * heads + h) * sequence + s)[j] = biases[h];
      }
  }
  return context.give(op, std::move(result), results);
}

void registerRelativePosition(MLIRContext *context) {
  attach<xf::RelativePositionBiasOp, relativePositionBias>(context);
}

} // namespace ph::reference
