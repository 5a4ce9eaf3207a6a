#include "powerhouse/Codegen/CPU/TileProduct.h"

#include "powerhouse/Codegen/CPU/KernelBuilder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ph::codegen {
namespace {

// Columns of a matrix that is turned round: its panel must fit the stack and the L1 cache.
constexpr int64_t kMostDepth = 1024;

/// The rows and vectors of a block of sums that stay in registers, with the operands beside them.
struct BlockShape {
  int64_t rows, vectors;
};
BlockShape blockShape(const CpuLevel &level) { return level.registers >= 32 ? BlockShape{8, 2} : BlockShape{4, 2}; }

struct Matrix {
  Value memory, at, ld;
  Value row(KernelBuilder &b, Value i) const { return b.add(at, b.mul(i, ld)); }
};

class TileProductKernel {
public:
  TileProductKernel(KernelBuilder &b, const TileProductSpec &spec, ValueRange args)
      : b(b), spec(spec), a{args[0], args[3], args[4]}, right{args[1], args[5], args[6]}, c{args[2], args[7], args[8]},
        m(args[9]), n(args[10]), depth(args[11]) {}

  void build() {
    BlockShape shape = blockShape(b.level());
    int64_t width = shape.vectors * b.lanes();
    Value whole = b.mul(b.div(n, width), width);
    Value panel;
    if (spec.transposed)
      panel = memref::AllocaOp::create(
          b, MemRefType::get({int64_t(llvm::alignTo(spec.K, b.lanes())) * width}, b.getF32Type()),
          b.getI64IntegerAttr(64));
    b.loop(b.index(0), whole, width, [&](Value j) { columns(shape, j, panel, /*isTail=*/false); });
    b.loop(whole, n, b.lanes(), [&](Value j) { columns({shape.rows, 1}, j, panel, /*isTail=*/true); });
  }

private:
  /// A strip of columns from `j` on, all rows.
  void columns(BlockShape shape, Value j, Value panel, bool isTail) {
    Matrix from = right;
    from.at = b.add(right.at, j);
    Value mask = isTail ? b.maskFirst(b.sub(n, j), b.lanes()) : Value();
    if (spec.transposed) {
      int64_t width = shape.vectors * b.lanes();
      for (int64_t v = 0; v < shape.vectors; ++v)
        turnRound(b.add(j, v * b.lanes()), panel, v * b.lanes(), width);
      from = {panel, b.index(0), b.index(width)};
    }
    Value whole = b.mul(b.div(m, shape.rows), shape.rows);
    b.loop(b.index(0), whole, shape.rows, [&](Value i) { block(shape, i, j, from, mask); });
    b.loop(whole, m, 1, [&](Value i) { block({1, shape.vectors}, i, j, from, mask); });
  }

  /// A vector of elements as f32.
  Value loadWide(Value memory, Value at, Value mask) {
    Type element = cast<MemRefType>(memory.getType()).getElementType();
    Value raw = mask ? b.loadMasked(memory, at, mask, b.vec(b.lanes(), element)) : b.loadVector(memory, at);
    return element.isF32() ? raw : b.toF32(raw);
  }

  void block(BlockShape shape, Value i, Value j, const Matrix &from, Value mask) {
    KernelBuilder::Values sums, rowsOfA, rowsOfC;
    for (int64_t r = 0; r < shape.rows; ++r) {
      rowsOfA.push_back(a.row(b, b.add(i, r)));
      rowsOfC.push_back(b.add(c.row(b, b.add(i, r)), j));
      for (int64_t v = 0; v < shape.vectors; ++v)
        sums.push_back(mask ? b.loadMasked(c.memory, rowsOfC[r], mask, b.vecF32())
                            : b.loadVector(c.memory, rowsOfC[r], v * b.lanes()));
    }
    // A panel has no end within a vector; the matrix itself has.
    bool masked = mask && !spec.transposed;
    auto done = b.loop(b.index(0), depth, 1, sums, [&](Value k, ValueRange carried) {
      KernelBuilder::Values next(carried), ys;
      Value at = from.row(b, k);
      for (int64_t v = 0; v < shape.vectors; ++v)
        ys.push_back(loadWide(from.memory, b.add(at, v * b.lanes()), masked ? mask : Value()));
      for (int64_t r = 0; r < shape.rows; ++r) {
        Value x = b.loadBroadcast(a.memory, b.add(rowsOfA[r], k));
        for (int64_t v = 0; v < shape.vectors; ++v)
          next[r * shape.vectors + v] = b.fma(x, ys[v], next[r * shape.vectors + v]);
      }
      return next;
    });
    for (int64_t r = 0; r < shape.rows; ++r)
      for (int64_t v = 0; v < shape.vectors; ++v) {
        if (mask)
          b.storeMasked(done[r], c.memory, rowsOfC[r], mask);
        else
          b.storeVector(done[r * shape.vectors + v], c.memory, rowsOfC[r], v * b.lanes());
      }
  }

  /// Rows [j, j + lanes) of the right matrix as columns of the panel: squares of as many rows as lanes, whose quarters
  /// change places at each power of two. Rows past the end are the last one again.
  void turnRound(Value j, Value panel, int64_t column, int64_t width) {
    int64_t lanes = b.lanes();
    Value last = b.sub(n, b.index(1));
    KernelBuilder::Values starts;
    for (int64_t r = 0; r < lanes; ++r)
      starts.push_back(right.row(b, b.min(b.add(j, r), last)));
    int64_t whole = spec.K / lanes * lanes;
    auto square = [&](Value k, Value mask) {
      KernelBuilder::Values rows;
      for (Value start : starts)
        rows.push_back(loadWide(right.memory, b.add(start, k), mask));
      for (int64_t distance = 1; distance < lanes; distance *= 2)
        for (int64_t r = 0; r < lanes; ++r)
          if (!(r & distance))
            std::tie(rows[r], rows[r + distance]) = exchange(rows[r], rows[r + distance], distance);
      for (int64_t r = 0; r < lanes; ++r)
        b.storeVector(rows[r], panel, b.mul(b.add(k, r), width), column);
    };
    b.loop(b.index(0), b.index(whole), lanes, [&](Value k) { square(k, {}); });
    if (whole != spec.K)
      square(b.index(whole), b.maskFirst(b.index(spec.K - whole), lanes));
  }

  /// The upper right and lower left quarters of squares of `distance` elements change places.
  std::pair<Value, Value> exchange(Value upper, Value lower, int64_t distance) {
    int64_t lanes = b.lanes();
    SmallVector<int64_t> first, second;
    for (int64_t i = 0; i < lanes; ++i) {
      first.push_back(i & distance ? lanes + i - distance : i);
      second.push_back(i & distance ? lanes + i : i + distance);
    }
    return {vector::ShuffleOp::create(b, upper, lower, first), vector::ShuffleOp::create(b, upper, lower, second)};
  }

  KernelBuilder &b;
  const TileProductSpec &spec;
  Matrix a, right, c;
  Value m, n, depth;
};

} // namespace

std::optional<std::string> whyUnsupported(const TileProductSpec &spec) {
  if (spec.transposed && (spec.K < 1 || spec.K > kMostDepth))
    return llvm::formatv("a transposed matrix of {0} columns: 1 to {1} are possible", spec.K, kMostDepth).str();
  return std::nullopt;
}

func::FuncOp buildTileProduct(ModuleOp module, const CpuLevel &level, const TileProductSpec &spec) {
  assert(!whyUnsupported(spec));
  MLIRContext *context = module.getContext();
  Type f32 = flatMemRef(Float32Type::get(context)), f16 = flatMemRef(Float16Type::get(context)),
       index = IndexType::get(context);
  SmallVector<KernelArgument> arguments = {{f32, true}, {spec.half ? f16 : f32, true}, {f32, true}};
  arguments.append(9, {index});
  std::string name = spec.transposed ? "tile_product_transposed_k" + std::to_string(spec.K) : "tile_product";
  if (spec.half)
    name += "_f16";
  return getOrCreateKernel(module, level, name + "_" + level.symbolSuffix(), arguments,
                           [&](KernelBuilder &b, ValueRange args) { TileProductKernel(b, spec, args).build(); });
}

} // namespace ph::codegen
