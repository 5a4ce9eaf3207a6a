#include "powerhouse/Codegen/CPU/Embedding.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Codegen/CPU/KernelBuilder.h"

using namespace mlir;

namespace ph::codegen {
namespace {

struct EmbeddingKernel {
  KernelBuilder &b;
  const EmbeddingSpec &spec;
  Value table, y;

  Value scaled(Value value) {
    return spec.scale == 1.0f ? value : b.mulf(value, b.constant(value.getType(), spec.scale));
  }

  /// One element of the packed table as f32.
  Value scalar(Value at, Type element, int64_t bytes) {
    Value raw = b.loadVector(table, at, 0, bytes);
    Value value = b.bitcast(raw, b.vec(1, element));
    return b.extract(element.isF32() ? value : b.toF32(value), 0);
  }

  void affineRow(Value tile, Value row, Value out) {
    const PackedLayout &layout = spec.table;
    const int64_t bits = layout.storedBits, perChunk = 32 / bits;
    const Type scaleType = layout.halfScales ? Type(b.getF16Type()) : Type(b.getF32Type());
    const VectorType ints = b.vec(perChunk, b.getI32Type());
    SmallVector<int64_t> shifts; // the column order of a 4-byte word: low halves of its bytes, then high halves
    for (int64_t half = 0; half < 8 / bits; ++half)
      for (int64_t i = 0; i < 4; ++i)
        shifts.push_back(8 * i + 4 * half);
    b.loop(b.index(0), b.index(spec.K / layout.group), 1, [&](Value g) {
      const Value group = b.add(tile, b.mul(g, layout.groupBytes()));
      const Value scaleAt = b.add(group, b.mul(row, layout.scaleBytes()));
      const Value scale = scalar(scaleAt, scaleType, layout.scaleBytes());
      const Value min = layout.hasMins()
                            ? scalar(b.add(scaleAt, kTileRows * layout.scaleBytes()), scaleType, layout.scaleBytes())
                            : b.mulf(scale, b.f32(-layout.zeroPoint));
      const Value codes = b.add(b.add(group, layout.groupHeaderBytes()), b.mul(row, 4));
      for (int64_t chunk = 0; chunk < layout.group / perChunk; ++chunk) {
        Value word = b.bitcast(b.loadVector(table, codes, chunk * 4 * kTileRows, 4), b.vec(1, b.getI32Type()));
        Value lanes = b.broadcast(b.extract(word, 0), perChunk);
        lanes = arith::ShRUIOp::create(b, lanes, b.integers(ints, shifts));
        lanes = arith::AndIOp::create(b, lanes, b.constant(ints, (1 << bits) - 1));
        Value value = b.fma(b.toF32(lanes), b.broadcast(scale, perChunk), b.broadcast(min, perChunk));
        b.storeVector(scaled(value), y, b.add(out, b.mul(g, layout.group)), chunk * perChunk);
      }
    });
  }

  void floatRow(Value tile, Value row, Value out) {
    const int64_t size = spec.table.elementBytes();
    const Type element = spec.table.kind == PackedLayout::Kind::F32   ? Type(b.getF32Type())
                         : spec.table.kind == PackedLayout::Kind::F16 ? Type(b.getF16Type())
                                                                      : Type(b.getBF16Type());
    const Value first = b.add(tile, b.mul(row, size));
    b.loop(b.index(0), b.index(spec.K), 1, [&](Value k) {
      b.store(scaled(scalar(b.add(first, b.mul(k, kTileRows * size)), element, size)), y, b.add(out, k));
    });
  }
};

} // namespace

std::optional<std::string> whyUnsupported(const EmbeddingSpec &spec) {
  const PackedLayout &table = spec.table;
  if (spec.K <= 0 || spec.offset < 0 || (table.isAffine() && (table.table || spec.K % table.group)))
    return llvm::formatv("a table of {0} columns in {1}", spec.K, table.name()).str();
  return std::nullopt;
}

func::FuncOp buildEmbedding(ModuleOp module, const CpuLevel &level, const EmbeddingSpec &spec) {
  assert(!whyUnsupported(spec));
  Builder types(module.getContext());
  std::string name = "embedding_" + spec.table.name() + "_k" + std::to_string(spec.K);
  if (spec.scale != 1.0f)
    name += "_scale" + llvm::utohexstr(llvm::bit_cast<uint32_t>(spec.scale), /*LowerCase=*/true);
  if (spec.offset)
    name += "_from" + std::to_string(spec.offset);
  name += "_" + level.symbolSuffix();
  SmallVector<KernelArgument> arguments = {{flatMemRef(types.getI8Type()), true},
                                           {flatMemRef(types.getI32Type()), true},
                                           {flatMemRef(types.getF32Type()), true},
                                           {types.getIndexType()},
                                           {types.getIndexType()}};
  return getOrCreateKernel(module, level, name, arguments, [&](KernelBuilder &b, ValueRange values) {
    EmbeddingKernel kernel{b, spec, values[0], values[2]};
    b.loop(values[3], values[4], 1, [&](Value m) {
      const Value token = b.add(b.toIndex(b.load(values[1], m)), spec.offset), out = b.mul(m, spec.K);
      const Value tile = b.mul(b.div(token, kTileRows), spec.table.tileBytes(spec.K));
      const Value row = b.rem(token, kTileRows);
      if (spec.table.isAffine())
        kernel.affineRow(tile, row, out);
      else
        kernel.floatRow(tile, row, out);
    });
  });
}

} // namespace ph::codegen
