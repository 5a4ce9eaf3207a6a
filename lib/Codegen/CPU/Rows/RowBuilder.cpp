#include "RowBuilder.h"

using namespace mlir;

namespace ph::codegen {

SmallVector<KernelArgument> outputArguments(MLIRContext *context, RowOutput output, bool noalias) {
  MemRefType f32 = flatMemRef(Float32Type::get(context));
  if (!output.encoded())
    return {{f32, noalias}};
  return {{flatMemRef(IntegerType::get(context, 8)), true}, {f32, true}, {f32, true}};
}

OutputRows outputRows(RowOutput output, ValueRange arguments, unsigned first) {
  if (!output.encoded())
    return {output, arguments[first], {}, {}, {}};
  return {output, {}, arguments[first], arguments[first + 1], arguments[first + 2]};
}

std::string outputSuffix(RowOutput output) {
  return output.encoded() ? "_i8x" + std::to_string(output.group) : std::string("_f32");
}

/// One group: `values` hold its elements. See RowOutput for what is stored.
static void encodeGroup(KernelBuilder &b, const OutputRows &out, ValueRange values, Value codeOffset,
                        Value groupOffset) {
  auto vecType = cast<VectorType>(values[0].getType());
  int64_t width = vecType.getNumElements();
  Value largest = b.absf(values[0]);
  for (Value v : values.drop_front())
    largest = b.maxf(b.absf(v), largest);
  Value scale = b.divf(b.reduceMax(largest), b.f32(127.0));
  // Below the smallest normal number the quotients could leave the range of a code.
  scale = b.select(b.lessf(scale, b.f32(0x1p-126)), b.f32(0.0), scale);
  Value nonZero = b.select(b.lessf(scale, b.f32(0x1p-126)), b.f32(1.0), scale);
  Value divisor = b.broadcast(nonZero, width);
  // Adding 1.5 * 2^23 rounds to nearest even and leaves the integer in the low bits.
  Value magic = b.constant(vecType, 0x1.8p23);
  Value total;
  for (auto [i, v] : llvm::enumerate(values)) {
    Value shifted = b.addf(b.divf(v, divisor), magic);
    Value code =
        arith::TruncIOp::create(b, b.vec(width, b.getI8Type()), b.bitcast(shifted, b.vec(width, b.getI32Type())));
    b.storeVector(code, out.codes, codeOffset, i * width);
    Value rounded = b.subf(shifted, magic);
    total = total ? b.addf(total, rounded) : rounded;
  }
  b.store(scale, out.scale, groupOffset);
  b.store(b.mulf(scale, b.reduceAdd(total)), out.sum, groupOffset);
}

void storeOutput(KernelBuilder &b, const OutputRows &out, ValueRange values, Value offset, Value row, int64_t features,
                 Value column) {
  int64_t width = cast<VectorType>(values[0].getType()).getNumElements();
  if (!out.format.encoded()) {
    Value at = b.add(offset, column);
    for (auto [i, v] : llvm::enumerate(values))
      b.storeVector(v, out.y, at, i * width);
    return;
  }
  int64_t group = out.format.group, perGroup = group / width;
  Value codes = b.add(b.mul(row, features), column);
  Value groups = b.add(b.mul(row, features / group), b.div(column, group));
  for (size_t i = 0; i * perGroup < values.size(); ++i)
    encodeGroup(b, out, values.slice(i * perGroup, perGroup), b.add(codes, i * group), b.add(groups, i));
}

void forEachChunk(KernelBuilder &b, int64_t size, int64_t width, function_ref<void(Value, int64_t)> body) {
  int64_t whole = size / width * width;
  if (whole == width)
    body(b.index(0), width);
  else if (whole)
    b.loop(b.index(0), b.index(whole), width, [&](Value offset) { body(offset, width); });
  for (int64_t offset = whole, part = width / 2; offset < size; part /= 2) {
    if (offset + part > size)
      continue;
    body(b.index(offset), part);
    offset += part;
  }
}

Value quotient(KernelBuilder &b, Value a, Value by) { return arith::DivUIOp::create(b, a, by); }
Value remainder(KernelBuilder &b, Value a, Value by) { return arith::RemUIOp::create(b, a, by); }

Value shuffle(KernelBuilder &b, Value x, Value y, ArrayRef<int64_t> lanes) {
  return vector::ShuffleOp::create(b, x, y, lanes);
}

Value stackBuffer(KernelBuilder &b, int64_t size, Type element) {
  return memref::AllocaOp::create(b, MemRefType::get({size}, element), b.getI64IntegerAttr(64));
}

} // namespace ph::codegen
