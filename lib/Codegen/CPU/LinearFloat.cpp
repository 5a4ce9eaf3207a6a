// Blocks of f32 activations times weights of any layout: weights become f32 in registers, once for all rows of the
// block.
#include "LinearBlock.h"

using namespace mlir;

namespace ph::codegen {
namespace {

/// Even and odd columns are summed apart: twice the products in flight.
constexpr int64_t kChains = 2;

struct FloatBlock {
  KernelBuilder &b;
  const LinearSpec &spec;
  const LinearBlock &block;
  int64_t columns = block.columns.size();

  /// sums[(row * columns + column) * kChains + chain] += weight * x[row][first + k].
  void multiply(KernelBuilder::Values &sums, int64_t c, Value weight, Value first, int64_t k) {
    for (int64_t r = 0; r < block.rows; ++r) {
      Value &sum = sums[(r * columns + c) * kChains + k % kChains];
      sum = b.fma(weight, b.loadBroadcast(block.x, first, r * spec.K + k), sum);
    }
  }

  /// Columns [first, first + 8j) of an affine group.
  void affineGroup(KernelBuilder::Values &sums, int64_t c, Value at, Value x) {
    const PackedLayout &layout = spec.weight;
    const LinearColumn &column = block.columns[c];
    const Value scale = loadGroupScales(b, layout, block.weights, at, column.lane, 0);
    const Value min = layout.hasMins() ? loadGroupScales(b, layout, block.weights, at, column.lane, 1)
                                       : b.mulf(scale, b.f32s(-layout.zeroPoint));
    const int64_t perChunk = 32 / layout.storedBits, first = layout.groupHeaderBytes() + column.lane * 4;
    for (int64_t chunk = 0; chunk < layout.group / perChunk; ++chunk)
      eachAffineColumn(b, layout, block.weights, at, first + chunk * 4 * kTileRows, scale, min,
                       [&](int64_t i, Value weight) { multiply(sums, c, weight, x, chunk * perChunk + i); });
  }

  /// `count` columns from column `k` on, of floats: an element of x is read once for all outputs of its row.
  void floatColumns(KernelBuilder::Values &sums, Value k, Value xRow, int64_t count) {
    const int64_t columnBytes = kTileRows * spec.weight.elementBytes();
    const Value x = b.add(xRow, k);
    KernelBuilder::Values ats;
    for (const LinearColumn &column : block.columns) {
      ats.push_back(b.add(column.tile, b.mul(k, columnBytes)));
      if (column.lane == 0)
        prefetchAhead(b, block.weights, ats.back(), count * columnBytes);
    }
    for (int64_t i = 0; i < count; ++i) {
      KernelBuilder::Values weights;
      for (int64_t c = 0; c < columns; ++c)
        weights.push_back(floatColumn(b, spec.weight, block.weights, ats[c],
                                      (i * kTileRows + block.columns[c].lane) * spec.weight.elementBytes()));
      for (int64_t r = 0; r < block.rows; ++r) {
        const Value element = b.loadBroadcast(block.x, x, r * spec.K + i);
        for (int64_t c = 0; c < columns; ++c) {
          Value &sum = sums[(r * columns + c) * kChains + i % kChains];
          sum = b.fma(weights[c], element, sum);
        }
      }
    }
  }
};

} // namespace

KernelBuilder::Values buildFloatBlock(KernelBuilder &b, const LinearSpec &spec, const LinearBlock &block) {
  FloatBlock body{b, spec, block};
  const Value xRow = b.mul(block.row, spec.K);
  KernelBuilder::Values sums(block.rows * body.columns * kChains, b.zero(b.vecF32()));
  if (spec.weight.isAffine()) {
    const int64_t group = spec.weight.group;
    sums = b.loop(b.index(0), b.index(spec.K / group), 1, sums, [&](Value g, ValueRange carried) {
      KernelBuilder::Values next(carried);
      for (int64_t c = 0; c < body.columns; ++c) {
        const Value at = b.add(block.columns[c].tile, b.mul(g, spec.weight.groupBytes()));
        if (block.columns[c].lane == 0)
          prefetchAhead(b, block.weights, at, spec.weight.groupBytes());
        body.affineGroup(next, c, at, b.add(xRow, b.mul(g, group)));
      }
      return next;
    });
  } else {
    constexpr int64_t unroll = 8;
    const int64_t whole = spec.K / unroll * unroll;
    sums = b.loop(b.index(0), b.index(whole), unroll, sums, [&](Value k, ValueRange carried) {
      KernelBuilder::Values next(carried);
      body.floatColumns(next, k, xRow, unroll);
      return next;
    });
    if (whole < spec.K)
      body.floatColumns(sums, b.index(whole), xRow, spec.K - whole);
  }
  KernelBuilder::Values dots;
  for (size_t i = 0; i < sums.size(); i += kChains)
    dots.push_back(b.addf(sums[i], sums[i + 1]));
  return dots;
}

} // namespace ph::codegen
