#include "lib/Reference/AttentionScores.h"

using namespace mlir;

namespace ph::reference {

namespace {
/// Where an attention's keys and values are: in tensors or in a layer of the cache.
struct KeysAndValues {
  Tensor keys, values;
  const CacheLayer *layer = nullptr;
  const Tensor *past = nullptr;
  int64_t keyWidth = 0, valueWidth = 0; ///< elements of a position

  HeadRows keysOf(int64_t b, int64_t offset) const {
    if (layer)
      return {layer->sequences[b].keys.data() + offset, int64_t(layer->sequences[b].keys.size()) / keyWidth, keyWidth};
    return {keys.row(b * keys.shape[1]) + offset, keys.shape[1], keyWidth};
  }
  HeadRows valuesOf(int64_t b, int64_t offset) const {
    const double *data = layer ? layer->sequences[b].values.data() : values.row(b * values.shape[1]);
    return {data + offset, keysOf(b, 0).count, valueWidth};
  }
};
} // namespace

/// Checks keys and values against a query at run time.
static LogicalResult checkKeys(Operation *op, const Tensor &query, const Tensor &keys, const Tensor &values,
                               xf::Mask mask) {
  if (keys.shape[0] != query.shape[0] || values.shape[0] != keys.shape[0] || values.shape[1] != keys.shape[1])
    return mismatch(op, "keys and values of as many positions and the query's batch", keys.shape);
  if (mask == xf::Mask::Causal && keys.shape[1] != query.shape[1])
    return mismatch(op, "as many masked keys as queries", keys.shape);
  return success();
}

static FailureOr<KeysAndValues> findKeys(xf::AttentionOp op, const Tensor &query, ArrayRef<Value> inputs) {
  KeysAndValues found;
  int64_t batch = query.shape[0];
  found.keyWidth = op.getKeyHeads() * op.getHeadDim();
  found.valueWidth = op.getKeyHeads() * op.getValueHeadDim();
  const Value *cache = find(op, op.getCache(), inputs);
  if (!cache) {
    found.keys = find(op, op.getKeys(), inputs)->tensor();
    found.values = find(op, op.getValues(), inputs)->tensor();
    if (failed(checkKeys(op, query, found.keys, found.values, op.getMask())))
      return failure();
    return found;
  }
  int64_t index = find(op, op.getLayer(), inputs)->integer();
  if (index < 0 || index >= int64_t(cache->cache().layers.size()))
    return mismatch(op, "a layer of the cache", index);
  found.layer = cache->cache().layers[index].get();
  found.past = &find(op, op.getPast(), inputs)->tensor();
  if (found.past->shape[0] != batch)
    return mismatch(op, "a past for each sequence", found.past->shape);
  if (int64_t(found.layer->sequences.size()) < batch)
    return mismatch(op, "keys in the cache for each sequence", int64_t(found.layer->sequences.size()));
  return found;
}

static LogicalResult attention(xf::AttentionOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  Tensor query = inputs[0].tensor();
  int64_t batch = query.shape[0], sequence = query.shape[1], heads = op.getHeads(), group = heads / op.getKeyHeads();
  int64_t headDim = op.getHeadDim(), valueDim = op.getValueHeadDim();
  FailureOr<KeysAndValues> found = findKeys(op, query, inputs);
  if (failed(found))
    return failure();
  if (xf::RopeAttr rope = op.getRopeAttr()) {
    const Tensor &positions = find(op, op.getPositions(), inputs)->tensor();
    if (failed(rotateAll(op, query, positions, headDim, rope)) ||
        (!found->layer && failed(rotateAll(op, found->keys, positions, headDim, rope))))
      return failure();
  }
  FailureOr<AttentionScores> scores =
      AttentionScores::make(op, xf::AttentionOptions::of(op), inputs, batch, sequence,
                            found->layer ? std::nullopt : std::optional(found->keys.shape[1]));
  if (failed(scores))
    return failure();

  scores->jitterBy(context);
  Tensor result({batch, sequence, heads * valueDim});
  RowWeights weights;
  for (int64_t b = 0; b < batch; ++b) {
    int64_t past = found->past ? int64_t(found->past->data[b]) : 0;
    for (int64_t s = 0; s < sequence; ++s) {
      int64_t row = b * sequence + s, held = found->keysOf(b, 0).count;
      if (found->layer && (past + s < 0 || past + s >= held))
        return mismatch(op, "the cache to hold what a query sees, " + Twine(past + s + 1) + " positions", held);
      for (int64_t h = 0; h < heads; ++h) {
        QueryRow of = {b, h, s, past + s, query.row(row) + h * headDim, headDim};
        if (failed(scores->weigh(of, found->keysOf(b, h / group * headDim), weights)))
          return failure();
        HeadRows values = found->valuesOf(b, h / group * valueDim);
        double *y = result.row(row) + h * valueDim;
        if (weights.hidden && context.deviations().hiddenRowsAreNan) {
          std::fill_n(y, valueDim, std::numeric_limits<double>::quiet_NaN());
          continue;
        }
        for (auto [j, weight] : llvm::enumerate(weights.weights))
          for (int64_t i = 0; i < valueDim; ++i)
            y[i] += weight * values.row(j)[i];
      }
    }
  }
  return context.give(op, std::move(result), results);
}

/// dot(a, b) of n elements.
static double dot(const double *a, const double *b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum += a[i] * b[i];
  return sum;
}

/// to += factor · from, of n elements.
static void addScaled(double *to, double factor, const double *from, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    to[i] += factor * from[i];
}

static LogicalResult attentionBackward(xf::AttentionBackwardOp op, ArrayRef<Value> inputs,
                                       SmallVectorImpl<Value> &results, Context &context) {
  const Tensor &query = inputs[0].tensor(), &keys = inputs[1].tensor(), &values = inputs[2].tensor(),
               &gradient = inputs[3].tensor();
  int64_t batch = query.shape[0], sequence = query.shape[1], positions = keys.shape[1], heads = op.getHeads();
  int64_t headDim = op.getHeadDim(), valueDim = op.getValueHeadDim(), group = heads / op.getKeyHeads();
  double scale = op.getScale().convertToDouble();
  if (failed(checkKeys(op, query, keys, values, op.getMask())))
    return failure();
  if (gradient.shape[0] != batch || gradient.shape[1] != sequence)
    return mismatch(op, "a gradient for each query", gradient.shape);
  FailureOr<AttentionScores> scores =
      AttentionScores::make(op, xf::AttentionOptions::of(op), inputs, batch, sequence, positions);
  if (failed(scores))
    return failure();

  scores->jitterBy(context);
  Tensor queryGradient(query.shape), keysGradient(keys.shape), valuesGradient(values.shape);
  RowWeights p;
  std::vector<double> inner; // dy · v_j
  // What cancels below is what rounding shows in.
  auto moved = [&](double x) { return context.deviations().jitter ? context.round(x) : x; };
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t s = 0; s < sequence; ++s)
      for (int64_t h = 0; h < heads; ++h) {
        int64_t row = b * sequence + s, key = h / group * headDim, value = h / group * valueDim;
        const double *q = query.row(row) + h * headDim, *dy = gradient.row(row) + h * valueDim;
        HeadRows k = {keys.row(b * positions) + key, positions, keys.columns()};
        if (failed(scores->weigh({b, h, s, s, q, headDim}, k, p)))
          return failure();
        inner.resize(p.weights.size());
        double mean = 0;
        for (auto [j, weight] : llvm::enumerate(p.weights)) {
          inner[j] = moved(dot(dy, values.row(b * positions + int64_t(j)) + value, valueDim));
          mean += weight * inner[j];
        }
        mean = moved(mean);
        for (auto [j, weight] : llvm::enumerate(p.weights)) {
          int64_t at = b * positions + int64_t(j);
          double d = moved(scale * weight * (inner[j] - mean) * p.slopes[j]);
          addScaled(queryGradient.row(row) + h * headDim, d, k.row(j), headDim);
          addScaled(keysGradient.row(at) + key, d, q, headDim);
          addScaled(valuesGradient.row(at) + value, weight, dy, valueDim);
        }
      }
  return success(succeeded(context.give(op, std::move(queryGradient), results)) &&
                 succeeded(context.give(op, std::move(keysGradient), results)) &&
                 succeeded(context.give(op, std::move(valuesGradient), results)));
}

void registerAttention(MLIRContext *context) {
  attach<xf::AttentionOp, attention>(context);
  attach<xf::AttentionBackwardOp, attentionBackward>(context);
}

} // namespace ph::reference
