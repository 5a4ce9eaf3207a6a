// Codes of quantized tensors: made, multiplied, and made numbers again.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ph::onnx_import {

/// A scale or zero point so that it meets `x`: of one number, or a vector along an axis, or of blocks along it.
static Value along(Node &n, Value parameter, Value x, int64_t axis, int64_t block) {
  TensorBuilder &b = n.b;
  if (!parameter || !x)
    return {};
  int64_t rank = TensorBuilder::rankOf(parameter);
  if (rank == 0 || TensorBuilder::typeOf(parameter).getNumElements() == 1)
    return rank == 0 ? parameter : b.reshape(parameter, {});
  if (rank == 1 && block == 0) {
    Sizes shape(TensorBuilder::rankOf(x), b.size(1));
    shape[axis] = b.dim(parameter, 0);
    return b.reshapeTo(parameter, shape);
  }
  if (block < 1 || rank != TensorBuilder::rankOf(x))
    return n.fail("has a scale that does not fit");
  return b.generate(b.dims(x), TensorBuilder::elementOf(parameter), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> from(at);
    from[axis] = arith::DivUIOp::create(b, at[axis], b.index(block));
    return b.at(parameter, from);
  });
}

static void dequantize(Node &n) {
  Value x = n.tensor(0), scale = n.tensor(1), zero = n.optional(2);
  if (!x || !scale)
    return;
  TensorBuilder &b = n.b;
  int64_t rank = TensorBuilder::rankOf(x),
          axis = rank ? n.wrapAxis(n.integer("axis", 1) < rank ? n.integer("axis", 1) : 0, rank) : 0;
  int64_t block = n.integer("block_size", 0);
  if (zero)
    x = b.sub(x, along(n, zero, x, axis, block));
  n.give(0, b.mul(b.cast(x, b.getF32Type()), along(n, scale, x, axis, block)), n.type(1));
}

/// Rounded, half to even, and shifted by the zero point; what is beyond the type's range is its end.
static Value codesOf(TensorBuilder &b, Value x, Value zero, const ElementType *type) {
  Value up = b.unary(xf::UnaryKind::Floor, b.add(x, b.f32(0.5))), half = b.mul(up, b.f32(0.5));
  Value isTie = b.compare(xf::CompareKind::Eq, b.sub(up, x), b.f32(0.5));
  Value isOdd = b.compare(xf::CompareKind::Ne, b.unary(xf::UnaryKind::Floor, half), half);
  Value codes = b.select(b.binary(xf::BinaryKind::And, isTie, isOdd), b.sub(up, b.f32(1)), up);
  if (zero)
    codes = b.add(codes, b.cast(zero, b.getF32Type()));
  const double range = double(1 << (8 * type->bytes)), least = type->isSigned ? -range / 2 : 0;
  return b.cast(b.min(b.max(codes, b.f32(least)), b.f32(least + range - 1)), b.getI32Type());
}

static void quantize(Node &n) {
  Value x = n.tensor(0), scale = n.tensor(1), zero = n.optional(2);
  if (!x || !scale)
    return;
  TensorBuilder &b = n.b;
  const ElementType *type =
      zero ? n.type(2) : findElementType(int32_t(n.integer("output_dtype", onnx::TensorProto::UINT8)));
  if (!type || type->kind != ElementType::Integer || type->bytes > 2)
    return void(n.fail("expects codes of 8 or 16 bits"));
  int64_t rank = TensorBuilder::rankOf(x),
          axis = rank ? n.wrapAxis(n.integer("axis", 1) < rank ? n.integer("axis", 1) : 0, rank) : 0;
  int64_t block = n.integer("block_size", 0);
  n.give(0, codesOf(b, b.div(x, along(n, scale, x, axis, block)), zero ? along(n, zero, x, axis, block) : zero, type),
         type);
}

static void dynamicQuantize(Node &n) {
  Value x = n.tensor(0);
  if (!x || !TensorBuilder::isFloat(x))
    return void(n.fail("expects floats"));
  TensorBuilder &b = n.b;
  const ElementType *type = findElementType(onnx::TensorProto::UINT8);
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, TensorBuilder::rankOf(x)));
  Value zero = b.f32(0), most = b.max(b.reduce(xf::ReduceKind::Max, x, all, false), zero),
        least = b.min(b.reduce(xf::ReduceKind::Min, x, all, false), zero);
  Value scale = b.div(b.sub(most, least), b.f32(255));
  Value zeroPoint = codesOf(b, b.div(b.sub(zero, least), scale), {}, type);
  n.give(0, codesOf(b, b.div(x, scale), zeroPoint, type), type);
  n.give(1, scale, floatType());
  n.give(2, zeroPoint, type);
}

/// The product of matrices of integers, exact as long as 32 bits hold it.
static Value productOf(TensorBuilder &b, Value x, Value y) {
  if (!x || !y)
    return {};
  const int64_t m = TensorBuilder::rankOf(x), k = TensorBuilder::rankOf(y);
  if (m < 2 || k < 2 || k > m)
    return b.fail("expects matrices, the first for as many batches as the second");
  Sizes sizes = b.dims(x), right = b.dims(y);
  Size inner = sizes.back();
  sizes.back() = right.back();
  return b.fold(sizes, {inner}, b.scalarNumber(b.getI32Type(), 0), [&](TensorBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> left(at.take_front(m)), from(at.slice(m - k, k));
    left.back() = from[size_t(k) - 2] = at[m];
    for (int64_t i = 0; i + 2 < k; ++i)
      if (TensorBuilder::typeOf(y).getDimSize(i) == 1)
        from[size_t(i)] = b.index(0);
    return arith::AddIOp::create(b, at.back(), arith::MulIOp::create(b, b.at(x, left), b.at(y, from)));
  });
}

/// Without its zero point: of the whole, or of rows of the left matrix and columns of the right one.
static Value centered(Node &n, Value x, Value zero, bool rows) {
  TensorBuilder &b = n.b;
  if (!zero)
    return x;
  if (!n.areIntegers(zero))
    return {};
  if (TensorBuilder::rankOf(zero) == 1 && rows && TensorBuilder::typeOf(zero).getDimSize(0) != 1)
    zero = b.unsqueeze(zero, {1});
  return b.sub(x, zero);
}

static void matmulInteger(Node &n) {
  Value x = n.tensor(0), y = n.tensor(1);
  if (n.areIntegers({x, y}))
    n.give(0, productOf(n.b, centered(n, x, n.optional(2), true), centered(n, y, n.optional(3), false)),
           findElementType(onnx::TensorProto::INT32));
}

static void quantizedMatmul(Node &n) {
  Value x = n.tensor(0), xScale = n.tensor(1), y = n.tensor(3), yScale = n.tensor(4), scale = n.tensor(6);
  if (!scale || !xScale || !yScale || !n.areIntegers({x, y}))
    return;
  TensorBuilder &b = n.b;
  const ElementType *type = n.type(7);
  if (type->kind != ElementType::Integer || type->bytes > 2)
    return void(n.fail("expects codes of 8 or 16 bits"));
  for (Value each : {xScale, yScale, scale})
    if (TensorBuilder::typeOf(each).getRank() > 0 && TensorBuilder::typeOf(each).getDimSize(0) != 1)
      return void(n.fail("has scales of rows or columns, which are not known here"));
  Value product = productOf(b, centered(n, x, n.tensor(2), true), centered(n, y, n.tensor(5), false));
  Value factor = b.div(b.mul(xScale, yScale), scale);
  n.give(0, codesOf(b, b.mul(b.cast(product, b.getF32Type()), factor), n.tensor(7), type), type);
}

ArrayRef<Operator> quantizationOperators() {
  static constexpr Operator operators[] = {
      {"DequantizeLinear", dequantize, 10}, {"DynamicQuantizeLinear", dynamicQuantize, 11},
      {"MatMulInteger", matmulInteger, 10}, {"QLinearMatMul", quantizedMatmul, 10},
      {"QuantizeLinear", quantize, 10},
  };
  return operators;
}

} // namespace ph::onnx_import
