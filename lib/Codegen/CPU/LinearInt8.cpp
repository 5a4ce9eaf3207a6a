// Blocks of int8 activations times affine weights.
#include "LinearBlock.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace ph::codegen {
namespace {

/// Sums products of code vectors (4 columns of each lane's row) and broadcast activations, exactly, in integers.
class DotProducts {
public:
  DotProducts(KernelBuilder &b, const PackedLayout &layout) : b(b) {
    bytes = b.vec(4 * b.lanes(), b.getI8Type());
    words = b.vec(2 * b.lanes(), b.getI16Type());
    ints = b.vec(b.lanes(), b.getI32Type());
    split = splitsCodes(b.level(), layout);
    int64_t top = split ? 15 : (1 << layout.codeBits) - 1;
    sumsInI16 = 32767 / (2 * 127 * top);
  }

  /// One row's sum so far.
  struct Sum {
    Value i32, low, high; ///< low and high: i16, of which `count` products were added
    int64_t count = 0;
  };
  /// Codes of four columns, in the form `add` wants.
  struct Codes {
    Value low, high;
  };

  Codes prepare(Value codes) {
    if (!split)
      return {codes, nullptr};
    Value mask = b.constant(bytes, 15);
    return {arith::AndIOp::create(b, codes, mask), arith::ShRUIOp::create(b, codes, b.constant(bytes, 4))};
  }

  void add(Sum &sum, const Codes &codes, Value x) {
    if (b.level().dot == DotKind::Vnni) {
      Value start = sum.i32 ? sum.i32 : b.zero(ints);
      sum.i32 = call(b.lanes() == 16 ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256", ints,
                     {start, codes.low, x});
      return;
    }
    addWords(sum.low, codes.low, x);
    if (split)
      addWords(sum.high, codes.high, x);
    if (++sum.count == sumsInI16)
      flush(sum);
  }

  Value finish(Sum &sum) {
    if (sum.count)
      flush(sum);
    return b.toF32(sum.i32);
  }

private:
  Value call(StringRef name, Type type, ValueRange arguments) {
    return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr(name), arguments).getResult(0);
  }
  void addWords(Value &sum, Value codes, Value x) {
    Value product =
        call(b.lanes() == 16 ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw", words, {codes, x});
    sum = sum ? Value(arith::AddIOp::create(b, sum, product)) : product;
  }
  void widen(Sum &sum, Value &part, int64_t factor) {
    Value wide = call(b.lanes() == 16 ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd", ints,
                      {part, b.constant(words, factor)});
    sum.i32 = sum.i32 ? Value(arith::AddIOp::create(b, sum.i32, wide)) : wide;
    part = nullptr;
  }
  void flush(Sum &sum) {
    widen(sum, sum.low, 1);
    if (split)
      widen(sum, sum.high, 16);
    sum.count = 0;
  }

  KernelBuilder &b;
  VectorType bytes, words, ints;
  bool split = false;
  int64_t sumsInI16 = 0;
};

} // namespace

bool splitsCodes(const CpuLevel &level, const PackedLayout &layout) {
  return level.dot == DotKind::Maddubs && layout.codeBits > 7;
}

Value loadGroupScales(KernelBuilder &b, const PackedLayout &layout, Value weights, Value group, int64_t lane,
                      int64_t which) {
  int64_t size = layout.scaleBytes();
  Value raw = b.loadVector(weights, group, (which * kTileRows + lane) * size, b.lanes() * size);
  if (layout.halfScales)
    return b.toF32(b.bitcast(raw, b.vec(b.lanes(), b.getF16Type())));
  return b.bitcast(raw, b.vecF32());
}

void prefetchAhead(KernelBuilder &b, Value weights, Value offset, int64_t bytes) {
  for (int64_t line = 0; line < bytes; line += 64)
    b.prefetch(weights, offset, kPrefetchBytes + line);
}

KernelBuilder::Values buildInt8Block(KernelBuilder &b, const LinearSpec &spec, const LinearBlock &block) {
  const PackedLayout &layout = spec.weight;
  const int64_t group = layout.group, groups = spec.K / group, columns = block.columns.size();
  const VectorType bytes = b.vec(4 * b.lanes(), b.getI8Type());
  const Value codesOfRow = b.mul(block.row, spec.K / 4), scalesOfRow = b.mul(block.row, groups);
  KernelBuilder::Values init(block.rows * columns, b.zero(b.vecF32()));

  return b.loop(b.index(0), b.index(groups), 1, init, [&](Value g, ValueRange carried) {
    KernelBuilder::Values sums(carried);
    const Value codes = b.add(codesOfRow, b.mul(g, group / 4)), scales = b.add(scalesOfRow, g);
    for (int64_t c = 0; c < columns; ++c) {
      const LinearColumn &column = block.columns[c];
      const Value at = b.add(column.tile, b.mul(g, layout.groupBytes()));
      if (column.lane == 0)
        prefetchAhead(b, block.weights, at, layout.groupBytes());
      DotProducts dot(b, layout);
      SmallVector<DotProducts::Sum> dots(block.rows);
      auto multiply = [&](Value code, int64_t quad) {
        DotProducts::Codes prepared = dot.prepare(code);
        for (int64_t r = 0; r < block.rows; ++r) {
          Value x = b.loadBroadcast(block.x, codes, r * spec.K / 4 + quad);
          dot.add(dots[r], prepared, b.bitcast(x, bytes));
        }
      };
      const int64_t first = layout.groupHeaderBytes() + column.lane * 4;
      for (int64_t chunk = 0; chunk < group * layout.storedBits / 32; ++chunk) {
        Value packed = b.loadVector(block.weights, at, first + chunk * 4 * kTileRows, 4 * b.lanes());
        if (layout.storedBits == 8) {
          multiply(packed, chunk);
          continue;
        }
        multiply(arith::AndIOp::create(b, packed, b.constant(bytes, 15)), 2 * chunk);
        multiply(arith::ShRUIOp::create(b, packed, b.constant(bytes, 4)), 2 * chunk + 1);
      }
      const Value scale = loadGroupScales(b, layout, block.weights, at, column.lane, 0);
      const Value min = layout.hasMins() ? loadGroupScales(b, layout, block.weights, at, column.lane, 1)
                                         : b.mulf(scale, b.f32s(-layout.zeroPoint));
      for (int64_t r = 0; r < block.rows; ++r) {
        Value &y = sums[r * columns + c];
        const Value value = dot.finish(dots[r]);
        y = b.fma(value, b.mulf(scale, b.loadBroadcast(block.scales, scales, r * groups)), y);
        if (layout.zeroPoint != 0)
          y = b.fma(min, b.loadBroadcast(block.sums, scales, r * groups), y);
      }
    }
    return sums;
  });
}

} // namespace ph::codegen
