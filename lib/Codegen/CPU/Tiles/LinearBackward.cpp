#include "powerhouse/Codegen/CPU/LinearBackward.h"

#include "../LinearBlock.h"
#include "PanelProduct.h"

using namespace mlir;

namespace ph::codegen {
namespace {

// Rows that each panel of weights is made for: they stay near while all panels pass.
constexpr int64_t kRows = 256;

class LinearBackwardKernel {
public:
  LinearBackwardKernel(KernelBuilder &b, const LinearBackwardSpec &spec, ValueRange args)
      : b(b), spec(spec), weights(args[0]), dy(args[1]), dx(args[2]), tile0(args[3]), tile1(args[4]), rows(args[5]) {}

  void build() {
    RightMatrix matrix;
    matrix.fill = [&](const PanelPlace &place, Value panel) { fill(place, panel); };
    Value from = b.mul(tile0, kBackwardTileColumns), to = b.min(b.mul(tile1, kBackwardTileColumns), b.index(spec.K));
    Value n = b.index(spec.N), k = b.index(spec.K), columns = b.sub(to, from);
    firstColumn = from;
    b.loop(b.index(0), rows, kRows, [&](Value row) {
      Value count = b.min(b.sub(rows, row), b.index(kRows)), at = b.add(b.mul(row, spec.K), from);
      clear(at, count, columns);
      multiplyByPanels(b, {dy, b.mul(row, spec.N), n}, matrix, {dx, at, k}, count, columns, n);
    });
  }

private:
  void clear(Value at, Value count, Value columns) {
    b.loop(b.index(0), count, 1, [&](Value row) {
      Value start = b.add(at, b.mul(row, spec.K));
      b.loop(b.index(0), columns, b.lanes(), [&](Value j) {
        b.storeMasked(b.f32s(0), dx, b.add(start, j), b.maskFirst(b.sub(columns, j), b.lanes()));
      });
    });
  }

  /// Depths are rows of the matrix, whole tiles of them: squares of lanes rows and columns, turned round.
  void fill(const PanelPlace &place, Value panel) {
    int64_t lanes = b.lanes(), width = place.vectors * lanes, tileBytes = spec.weight.tileBytes(spec.K);
    b.loop(b.index(0), place.count, lanes, [&](Value row) {
      Value number = b.add(place.depth, row);
      Value tile = b.mul(b.div(number, kTileRows), tileBytes * (spec.paired ? 2 : 1)), lane = b.rem(number, kTileRows);
      for (int64_t v = 0; v < place.vectors; ++v) {
        Value column = b.add(b.add(firstColumn, place.column), v * lanes);
        KernelBuilder::Values square = turnedRound(b, spec.weight.isAffine() ? affineColumns(tile, lane, column)
                                                                             : floatColumns(tile, lane, column));
        for (int64_t r = 0; r < lanes; ++r)
          b.storeVector(square[r], panel, b.mul(b.add(row, r), width), v * lanes);
      }
    });
  }

  /// As many columns as lanes, which lie in one group.
  KernelBuilder::Values affineColumns(Value tile, Value lane, Value column) {
    const PackedLayout &layout = spec.weight;
    int64_t perChunk = 32 / layout.storedBits;
    Value group = b.add(tile, b.mul(b.div(column, layout.group), layout.groupBytes()));
    Value scales = b.add(group, b.mul(lane, layout.scaleBytes()));
    Value scale = loadGroupScales(b, layout, weights, scales, 0, 0);
    Value min =
        layout.hasMins() ? loadGroupScales(b, layout, weights, scales, 0, 1) : b.mulf(scale, b.f32s(-layout.zeroPoint));
    Value chunks =
        b.add(b.add(group, b.mul(lane, 4)), b.mul(b.div(b.rem(column, layout.group), perChunk), 4 * kTileRows));
    KernelBuilder::Values columns(b.lanes());
    for (int64_t first = 0; first < b.lanes(); first += perChunk)
      eachAffineColumn(b, layout, weights, chunks, layout.groupHeaderBytes() + first / perChunk * 4 * kTileRows, scale,
                       min, [&](int64_t i, Value weight) { columns[first + i] = weight; });
    return columns;
  }

  /// As many columns as lanes; past the end the last one again.
  KernelBuilder::Values floatColumns(Value tile, Value lane, Value column) {
    int64_t size = spec.weight.elementBytes();
    Value start = b.add(tile, b.mul(lane, size));
    KernelBuilder::Values columns;
    for (int64_t i = 0; i < b.lanes(); ++i) {
      Value k = b.add(column, i);
      if (spec.K % b.lanes())
        k = b.min(k, b.index(spec.K - 1));
      columns.push_back(floatColumn(b, spec.weight, weights, b.add(start, b.mul(k, kTileRows * size)), 0));
    }
    return columns;
  }

  KernelBuilder &b;
  const LinearBackwardSpec &spec;
  Value weights, dy, dx, tile0, tile1, rows;
  Value firstColumn; ///< of the range
};

} // namespace

std::optional<std::string> whyUnsupported(const LinearBackwardSpec &spec) {
  if (spec.N <= 0 || spec.K <= 0 || (spec.weight.isAffine() && spec.K % spec.weight.group))
    return llvm::formatv("a matrix of {0} x {1} in {2}", spec.N, spec.K, spec.weight.name()).str();
  return std::nullopt;
}

func::FuncOp buildLinearBackward(ModuleOp module, const CpuLevel &level, const LinearBackwardSpec &spec) {
  assert(!whyUnsupported(spec));
  Builder types(module.getContext());
  Type bytes = flatMemRef(types.getI8Type()), floats = flatMemRef(types.getF32Type()), index = types.getIndexType();
  SmallVector<KernelArgument> arguments = {{bytes, true}, {floats, true}, {floats, true}};
  arguments.append(3, {index});
  std::string name = "linear_backward_" + spec.weight.name() + "_n" + std::to_string(spec.N) + "_k" +
                     std::to_string(spec.K) + (spec.paired ? "_paired_" : "_") + level.symbolSuffix();
  return getOrCreateKernel(module, level, name, arguments,
                           [&](KernelBuilder &b, ValueRange values) { LinearBackwardKernel(b, spec, values).build(); });
}

} // namespace ph::codegen
