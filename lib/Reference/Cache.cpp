#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

/// Positions beyond this in a cache are a mistake of who made the inputs, not a context.
static constexpr int64_t maxPosition = 1 << 24;

/// Writes a row at a position; positions that were skipped are zero.
static void store(std::vector<double> &rows, int64_t position, const double *row, int64_t width, bool half) {
  rows.resize(std::max<size_t>(rows.size(), (position + 1) * width));
  for (int64_t i = 0; i < width; ++i)
    rows[position * width + i] = half ? double(halfToFloat(floatToHalf(float(row[i])))) : row[i];
}

static LogicalResult cacheAppend(xf::CacheAppendOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                 Context &context) {
  Cache cache = inputs[0].cache();
  int64_t index = inputs[1].integer();
  Tensor keys = inputs[2].tensor();
  const Tensor &values = inputs[3].tensor(), &past = inputs[4].tensor();
  xf::CacheType type = op.getCache().getType();
  if (index < 0 || index >= int64_t(cache.layers.size()))
    return mismatch(op, "a layer of the cache", index);
  if (keys.shape != values.shape)
    return mismatch(op, "keys and values of one shape", values.shape);
  if (past.shape[0] != keys.shape[0])
    return mismatch(op, "a past for each sequence", past.shape);
  if (op.getRope() && failed(rotateAll(op, keys, inputs[5].tensor(), type.getHeadDim(), op.getRopeAttr())))
    return failure();

  bool half = type.getElementType().isF16() && !context.deviations().exactCaches;
  auto layer = std::make_shared<CacheLayer>(*cache.layers[index]);
  int64_t batch = keys.shape[0], sequence = keys.shape[1], width = keys.columns();
  layer->sequences.resize(std::max<size_t>(layer->sequences.size(), batch));
  for (int64_t b = 0; b < batch; ++b) {
    int64_t first = int64_t(past.data[b]);
    if (first < 0 || first + sequence > maxPosition)
      return mismatch(op, "a past from 0 to " + Twine(maxPosition), first);
    for (int64_t s = 0; s < sequence; ++s) {
      store(layer->sequences[b].keys, first + s, keys.row(b * sequence + s), width, half);
      store(layer->sequences[b].values, first + s, values.row(b * sequence + s), width, half);
    }
  }
  // Rotation happens in double; what is kept is f32, as every result.
  if (context.precision() == Precision::F32)
    for (CacheLayer::Sequence &each : layer->sequences)
      for (double &x : each.keys)
        x = float(x);
  cache.layers[index] = std::move(layer);
  results.emplace_back(std::move(cache));
  return success();
}

/// The rows of a layer as one tensor; what a sequence doesn't have is zero.
template <class Op, std::vector<double> CacheLayer::Sequence::*rows>
static LogicalResult cacheRead(Op op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  const Cache &cache = inputs[0].cache();
  int64_t index = inputs[1].integer(), width = op.getResult().getType().getShape().back(), positions = 0;
  if (index < 0 || index >= int64_t(cache.layers.size()))
    return mismatch(op, "a layer of the cache", index);
  const CacheLayer &layer = *cache.layers[index];
  for (const CacheLayer::Sequence &each : layer.sequences)
    positions = std::max(positions, int64_t((each.*rows).size()) / width);
  Tensor result({int64_t(layer.sequences.size()), positions, width});
  for (auto [b, each] : llvm::enumerate(layer.sequences))
    llvm::copy(each.*rows, result.row(int64_t(b) * positions));
  return context.give(op, std::move(result), results);
}

void registerCache(MLIRContext *context) {
  attach<xf::CacheAppendOp, cacheAppend>(context);
  attach<xf::CacheKeysOp, cacheRead<xf::CacheKeysOp, &CacheLayer::Sequence::keys>>(context);
  attach<xf::CacheValuesOp, cacheRead<xf::CacheValuesOp, &CacheLayer::Sequence::values>>(context);
}

} // namespace ph::reference
