#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

namespace {
/// The keys and values that one sequence sees: rows of `width` elements.
struct Rows {
  const double *keys, *values;
  int64_t count, width;
};
} // namespace

/// y_h = Σ_j softmax_j(scale q_h · k_j) v_j over the first `visible` rows, for one head.
static void attendHead(const double *query, double *result, const Rows &rows, int64_t offset, int64_t headDim,
                       int64_t visible, double scale) {
  std::vector<double> weights(visible);
  double largest = -INFINITY, sum = 0;
  for (int64_t j = 0; j < visible; ++j) {
    double dot = 0;
    for (int64_t i = 0; i < headDim; ++i)
      dot += query[i] * rows.keys[j * rows.width + offset + i];
    weights[j] = scale * dot;
    largest = std::fmax(largest, weights[j]);
  }
  for (double &weight : weights)
    sum += weight = std::exp(weight - largest);
  for (int64_t j = 0; j < visible; ++j)
    for (int64_t i = 0; i < headDim; ++i)
      result[i] += weights[j] / sum * rows.values[j * rows.width + offset + i];
}

static LogicalResult attention(xf::AttentionOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  Tensor query = inputs[0].tensor();
  int64_t batch = query.shape[0], sequence = query.shape[1], heads = op.getHeads(), headDim = op.getHeadDim();
  int64_t keyHeads = op.getKeyHeads(), width = keyHeads * headDim;
  const Value *cache = find(op, op.getCache(), inputs);
  Tensor keys, values;
  if (!cache) {
    keys = find(op, op.getKeys(), inputs)->tensor();
    values = find(op, op.getValues(), inputs)->tensor();
    if (keys.shape != values.shape || keys.shape[0] != batch)
      return mismatch(op, "keys and values of one shape and the query's batch", keys.shape);
    if (op.getMask() == xf::Mask::Causal && keys.shape[1] != sequence)
      return mismatch(op, "as many masked keys as queries", keys.shape);
  }
  if (xf::RopeAttr rope = op.getRopeAttr()) {
    const Tensor &positions = find(op, op.getPositions(), inputs)->tensor();
    if (failed(rotateAll(op, query, positions, headDim, rope)) ||
        (!cache && failed(rotateAll(op, keys, positions, headDim, rope))))
      return failure();
  }
  const CacheLayer *layer = nullptr;
  const Tensor *past = nullptr;
  if (cache) {
    int64_t index = find(op, op.getLayer(), inputs)->integer();
    if (index < 0 || index >= int64_t(cache->cache().layers.size()))
      return mismatch(op, "a layer of the cache", index);
    layer = cache->cache().layers[index].get();
    past = &find(op, op.getPast(), inputs)->tensor();
    if (past->shape[0] != batch)
      return mismatch(op, "a past for each sequence", past->shape);
    if (int64_t(layer->sequences.size()) < batch)
      return mismatch(op, "keys in the cache for each sequence", int64_t(layer->sequences.size()));
  }

  double scale = op.getScale().convertToDouble();
  Tensor result(query.shape);
  for (int64_t b = 0; b < batch; ++b) {
    Rows rows;
    if (cache)
      rows = {layer->sequences[b].keys.data(), layer->sequences[b].values.data(),
              int64_t(layer->sequences[b].keys.size()) / width, width};
    else
      rows = {keys.row(b * keys.shape[1]), values.row(b * keys.shape[1]), keys.shape[1], width};
    for (int64_t s = 0; s < sequence; ++s) {
      int64_t visible = cache ? int64_t(past->data[b]) + s + 1 : op.getMask() == xf::Mask::Causal ? s + 1 : rows.count;
      if (visible < 1 || visible > rows.count)
        return mismatch(op, "the cache to hold what a query sees, " + Twine(visible) + " positions", rows.count);
      for (int64_t h = 0; h < heads; ++h)
        attendHead(query.row(b * sequence + s) + h * headDim, result.row(b * sequence + s) + h * headDim, rows,
                   h / (heads / keyHeads) * headDim, headDim, visible, scale);
    }
  }
  return context.give(op, std::move(result), results);
}

void registerAttention(MLIRContext *context) { attach<xf::AttentionOp, attention>(context); }

} // namespace ph::reference
