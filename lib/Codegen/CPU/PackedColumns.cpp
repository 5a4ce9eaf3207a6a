// Columns of packed matrices: as many rows as there are lanes, as f32.
#include "LinearBlock.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "runtime/quant/NormalFloat.h"

using namespace mlir;

namespace ph::codegen {

/// The number of each lane's code, which is below 16: looked up in registers.
static Value tableNumbers(KernelBuilder &b, Value codes) {
  auto numbers = [&](ArrayRef<float> part) -> Value {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(b.vec(int64_t(part.size()), b.getF32Type()), part));
  };
  auto lookUp = [&](StringRef intrinsic, ArrayRef<float> part) -> Value {
    return LLVM::CallIntrinsicOp::create(b, b.vecF32(), b.getStringAttr(intrinsic), {numbers(part), codes})
        .getResult(0);
  };
  const ArrayRef<float> all(kNormalFloat4);
  if (b.lanes() == 16)
    return lookUp("llvm.x86.avx512.permvar.sf.512", all);
  // Of the code vpermps reads the lowest three bits.
  Value low = lookUp("llvm.x86.avx2.permps", all.take_front(8)),
        high = lookUp("llvm.x86.avx2.permps", all.drop_front(8));
  Value isHigh = arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, codes, b.constant(codes.getType(), 7));
  return arith::SelectOp::create(b, isHigh, high, low);
}

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
      body(4 * half + i, layout.table ? b.mulf(tableNumbers(b, code), scale) : b.fma(b.toF32(code), scale, min));
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
