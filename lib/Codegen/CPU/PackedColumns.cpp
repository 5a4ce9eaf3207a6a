// Columns of packed matrices: as many rows as there are lanes, as f32.
#include "LinearBlock.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ph::codegen {

void eachAffineColumn(KernelBuilder &b, const PackedLayout &layout, Value weights, Value at, int64_t extra, Value scale,
                      Value min, llvm::function_ref<void(int64_t column, Value weight)> body) {
  const VectorType ints = b.vec(b.lanes(), b.getI32Type());
  const int64_t bits = layout.storedBits;
  const Value packed = b.bitcast(b.loadVector(weights, at, extra, 4 * b.lanes()), ints);
  for (int64_t half = 0; half < 8 / bits; ++half)
    for (int64_t i = 0; i < 4; ++i) {
      Value code = packed;
      const int64_t shift = 8 * i + 4 * half;
      if (shift)
        code = arith::ShRUIOp::create(b, code, b.constant(ints, shift));
      if (shift + bits < 32)
        code = arith::AndIOp::create(b, code, b.constant(ints, (1 << bits) - 1));
      body(4 * half + i, b.fma(b.toF32(code), scale, min));
    }
}

Value floatColumn(KernelBuilder &b, const PackedLayout &layout, Value weights, Value at, int64_t extra) {
  Value raw = b.loadVector(weights, at, extra, b.lanes() * layout.elementBytes());
  switch (layout.kind) {
  case PackedLayout::Kind::F16:
    return b.toF32(b.bitcast(raw, b.vec(b.lanes(), b.getF16Type())));
  case PackedLayout::Kind::BF16:
    return b.toF32(b.bitcast(raw, b.vec(b.lanes(), b.getBF16Type())));
  default:
    return b.bitcast(raw, b.vecF32());
  }
}

} // namespace ph::codegen
