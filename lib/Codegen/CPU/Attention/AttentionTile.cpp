#include "AttentionTile.h"

using namespace mlir;

namespace ph::codegen {

AttentionState::AttentionState(KernelBuilder &b, int64_t headDim, int64_t rows, int64_t tileRows) : headDim(headDim) {
  Type f32 = b.getF32Type();
  queries = stackBuffer(b, rows * headDim, f32);
  results = stackBuffer(b, rows * headDim, f32);
  sums = stackBuffer(b, rows * b.lanes(), f32);
  largest = stackBuffer(b, rows, f32);
  seen = stackBuffer(b, rows, b.getI32Type());
  scores = stackBuffer(b, tileRows * kKeyBlock, f32);
  rescale = stackBuffer(b, tileRows, f32);
}

void startRow(KernelBuilder &b, const AttentionState &state, Value r, Value seen) {
  b.storeVector(b.f32s(0.0), state.sums, b.mul(r, b.lanes()));
  // Finite, so that a difference with it is no NaN.
  b.store(b.f32(-3.0e38), state.largest, r);
  b.store(b.toI32(seen), state.seen, r);
  forEachChunk(b, state.headDim, b.lanes(), [&](Value d, int64_t width) {
    b.storeVector(b.constant(b.vec(width, b.getF32Type()), 0.0), state.results, b.add(b.mul(r, state.headDim), d));
  });
}

Value inverseSum(KernelBuilder &b, const AttentionState &state, Value r) {
  return b.divf(b.f32(1.0), b.reduceAdd(b.loadVector(state.sums, b.mul(r, b.lanes()))));
}

/// 2^x for x <= 0 within 2 ulp: 1 at 0, and exactly 0 at -127 and below. NaN stays NaN.
static Value exp2(KernelBuilder &b, Value x) {
  Type type = x.getType();
  Type integers = b.getI32Type();
  if (auto vector = dyn_cast<VectorType>(type))
    integers = b.vec(vector.getNumElements(), integers);
  auto c = [&](double value) { return b.constant(type, value); };
  x = b.select(b.lessf(x, c(-127.0)), c(-127.0), x);
  // 1.5 * 2^23 rounds to an integer and leaves it in the low bits, from where it goes to the exponent.
  Value shifted = b.addf(x, c(0x1.8p23));
  Value r = b.subf(x, b.subf(shifted, c(0x1.8p23)));
  // Minimax for 2^r - 1 relative to 2^r on [-1/2, 1/2]: 2e-9 before rounding.
  Value p = c(0.00015353361959569156);
  for (double coefficient :
       {0.0013398875016719103, 0.00961843691766262, 0.055503323674201965, 0.24022647738456726, 0.6931471824645996, 1.0})
    p = b.fma(p, r, c(coefficient));
  Value exponent = arith::ShLIOp::create(b, b.bitcast(shifted, integers), b.constant(integers, 23));
  return b.bitcast(arith::AddIOp::create(b, b.bitcast(p, integers), exponent), type);
}

/// Most vectors side by side, up to `limit`, that a tile of `rows` accumulates without spilling: besides the sums, the
/// fewer of both factors and one more, and one for the conversion from f16.
static int64_t vectorsPerPass(const CpuLevel &level, int64_t rows, int64_t limit, bool half) {
  int64_t n = std::min<int64_t>(8, limit);
  while (n > 1 && rows * n + std::min(rows, n) + 1 + half > level.registers)
    --n;
  return n;
}

/// acc[row][v] += x[row] * y[v], broadcast from memory: the order of loads keeps the fewer of both in registers.
static KernelBuilder::Values outerProduct(KernelBuilder &b, ValueRange accumulators, int64_t rows, int64_t vectors,
                                          function_ref<Value(int64_t row)> x, function_ref<Value(int64_t v)> y) {
  KernelBuilder::Values next(accumulators);
  if (vectors <= rows) {
    KernelBuilder::Values ys;
    for (int64_t v = 0; v < vectors; ++v)
      ys.push_back(y(v));
    for (int64_t row = 0; row < rows; ++row) {
      Value xr = x(row);
      for (int64_t v = 0; v < vectors; ++v)
        next[row * vectors + v] = b.fma(xr, ys[v], next[row * vectors + v]);
    }
    return next;
  }
  KernelBuilder::Values xs;
  for (int64_t row = 0; row < rows; ++row)
    xs.push_back(x(row));
  for (int64_t v = 0; v < vectors; ++v) {
    Value yv = y(v);
    for (int64_t row = 0; row < rows; ++row)
      next[row * vectors + v] = b.fma(xs[row], yv, next[row * vectors + v]);
  }
  return next;
}

static bool isHalf(Value memory) { return cast<MemRefType>(memory.getType()).getElementType().isF16(); }

static Value loadCache(KernelBuilder &b, Value memory, Value offset, int64_t extra) {
  Value v = b.loadVector(memory, offset, extra);
  return isHalf(memory) ? b.toF32(v) : v;
}

/// scores[row][t] = q[row] . k[t], one chain of fma over d per score, whatever the tile's height.
static void computeScores(KernelBuilder &b, const AttentionState &state, int64_t tile, Value r,
                          const AttentionBlock &block) {
  int64_t lanes = b.lanes(), headDim = state.headDim, perBlock = kCacheBlock / lanes;
  int64_t vectors = llvm::bit_floor<uint64_t>(vectorsPerPass(b.level(), tile, kKeyBlock / lanes, isHalf(block.memory)));
  int64_t unroll = tile * vectors <= 8 ? 4 : tile * vectors <= 12 ? 2 : 1;
  Value queries = b.mul(r, headDim);
  Value keys = b.add(block.parts.keys, b.mul(block.key, headDim));
  b.loop(b.index(0), block.count, vectors * lanes, [&](Value t) {
    // A pass starts at a whole block of the layout or within one.
    Value panel = vectors * lanes % kCacheBlock == 0
                      ? b.add(keys, b.mul(t, headDim))
                      : b.add(keys, b.add(b.mul(b.div(t, kCacheBlock), kCacheBlock * headDim), b.rem(t, kCacheBlock)));
    KernelBuilder::Values zeros(tile * vectors, b.f32s(0.0));
    auto sums = b.loop(b.index(0), b.index(headDim), unroll, zeros, [&](Value d, ValueRange carried) {
      KernelBuilder::Values next(carried);
      Value q = b.add(queries, d), k = b.add(panel, b.mul(d, kCacheBlock));
      for (int64_t j = 0; j < unroll; ++j)
        next = outerProduct(
            b, next, tile, vectors, [&](int64_t row) { return b.loadBroadcast(state.queries, q, row * headDim + j); },
            [&](int64_t v) {
              int64_t extra = v / perBlock * kCacheBlock * headDim + v % perBlock * lanes;
              return loadCache(b, block.memory, k, extra + j * kCacheBlock);
            });
      return next;
    });
    for (int64_t row = 0; row < tile; ++row)
      for (int64_t v = 0; v < vectors; ++v)
        b.storeVector(sums[row * vectors + v], state.scores, t, row * kKeyBlock + v * lanes);
  });
}

/// Scores to weights 2^(score - largest); what a row doesn't see weighs exactly 0.
/// With 16 registers a few scores go to the stack, which is measured faster than two passes over a row.
static void computeWeights(KernelBuilder &b, const AttentionState &state, int64_t tile, Value r,
                           const AttentionBlock &block) {
  int64_t lanes = b.lanes(), vectors = kKeyBlock / lanes;
  VectorType integers = b.vec(lanes, b.getI32Type());
  Value key = b.toI32(block.key);
  b.loop(b.index(0), b.index(tile), 1, [&](Value row) {
    Value at = b.mul(row, kKeyBlock), unitRow = b.add(r, row);
    Value seen = b.broadcast(arith::SubIOp::create(b, b.load(state.seen, unitRow), key));
    KernelBuilder::Values scores;
    for (int64_t v = 0; v < vectors; ++v) {
      SmallVector<int64_t> position;
      for (int64_t lane = 0; lane < lanes; ++lane)
        position.push_back(v * lanes + lane);
      Value visible = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, b.integers(integers, position), seen);
      scores.push_back(b.select(visible, b.loadVector(state.scores, at, v * lanes), b.f32s(-INFINITY)));
    }
    auto fold = [&](KernelBuilder::Values values, function_ref<Value(Value, Value)> combine) {
      for (; values.size() > 1; values.resize(values.size() / 2))
        for (size_t i = 0, half = values.size() / 2; i < half; ++i)
          values[i] = combine(values[i], values[i + half]);
      return values[0];
    };
    Value before = b.load(state.largest, unitRow);
    Value top = b.maxf(b.reduceMax(fold(scores, [&](Value x, Value y) { return b.maxf(x, y); })), before);
    Value rescale = exp2(b, b.subf(before, top));
    Value shift = b.broadcast(top);
    for (int64_t v = 0; v < vectors; ++v) {
      scores[v] = exp2(b, b.subf(scores[v], shift));
      b.storeVector(scores[v], state.scores, at, v * lanes);
    }
    Value sum = fold(scores, [&](Value x, Value y) { return b.addf(x, y); });
    Value sums = b.mul(unitRow, lanes);
    b.storeVector(b.fma(b.loadVector(state.sums, sums), b.broadcast(rescale), sum), state.sums, sums);
    b.store(top, state.largest, unitRow);
    b.store(rescale, state.rescale, row);
  });
}

/// results[row] = results[row] * rescale[row] + sum over t of weight[row][t] * v[t], t in order.
static void addValues(KernelBuilder &b, const AttentionState &state, int64_t tile, Value r,
                      const AttentionBlock &block) {
  int64_t lanes = b.lanes(), headDim = state.headDim;
  Value values = b.add(block.parts.values, b.mul(block.key, headDim));
  auto pass = [&](Value d, int64_t vectors) {
    Value results = b.add(b.mul(r, headDim), d), column = b.add(values, d);
    KernelBuilder::Values sums;
    for (int64_t row = 0; row < tile; ++row) {
      Value rescale = b.loadBroadcast(state.rescale, b.index(row));
      for (int64_t v = 0; v < vectors; ++v)
        sums.push_back(b.mulf(b.loadVector(state.results, results, row * headDim + v * lanes), rescale));
    }
    sums = b.loop(b.index(0), block.count, 1, sums, [&](Value t, ValueRange carried) {
      Value from = b.add(column, b.mul(t, headDim));
      return outerProduct(
          b, carried, tile, vectors, [&](int64_t row) { return b.loadBroadcast(state.scores, t, row * kKeyBlock); },
          [&](int64_t v) { return loadCache(b, block.memory, from, v * lanes); });
    });
    for (int64_t row = 0; row < tile; ++row)
      for (int64_t v = 0; v < vectors; ++v)
        b.storeVector(sums[row * vectors + v], state.results, results, row * headDim + v * lanes);
  };
  // As few passes as there can be, of widths that differ by one at most: the wide ones, then the narrow ones.
  int64_t total = headDim / lanes;
  int64_t passes = llvm::divideCeil(total, vectorsPerPass(b.level(), tile, total, isHalf(block.memory)));
  int64_t narrow = total / passes, wide = narrow + 1, wideEnd = total % passes * wide * lanes;
  if (wideEnd)
    b.loop(b.index(0), b.index(wideEnd), wide * lanes, [&](Value d) { pass(d, wide); });
  b.loop(b.index(wideEnd), b.index(headDim), narrow * lanes, [&](Value d) { pass(d, narrow); });
}

void attendBlock(KernelBuilder &b, const AttentionState &state, int64_t tile, Value r, const AttentionBlock &block) {
  computeScores(b, state, tile, r, block);
  computeWeights(b, state, tile, r, block);
  addValues(b, state, tile, r, block);
}

} // namespace ph::codegen
