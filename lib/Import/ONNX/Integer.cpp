// Functions of integers: bits, remainders, codes of quantized tensors.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ph::onnx_import {

static bool areIntegers(Node &n, ArrayRef<Value> tensors) {
  for (Value tensor : tensors) {
    if (!tensor)
      return false;
    if (!TensorBuilder::elementOf(tensor).isInteger(32)) {
      n.fail("expects integers");
      return false;
    }
  }
  return true;
}

template <class Op> static void bitwise(Node &n) {
  Value x = n.tensor(0), y = n.tensor(1);
  if (areIntegers(n, {x, y}))
    n.give(0, n.b.map({x, y}, n.b.getI32Type(),
                      [](TensorBuilder &b, ValueRange e) -> Value { return Op::create(b, e[0], e[1]); }));
}

/// Of an unsigned type of fewer than 32 bits, what fits.
static Value masked(TensorBuilder &b, Value x, const ElementType *type) {
  if (type->isSigned || type->bytes >= 4)
    return x;
  return arith::AndIOp::create(b, x, b.scalarNumber(b.getI32Type(), double((1 << (8 * type->bytes)) - 1)));
}

static void bitwiseNot(Node &n) {
  Value x = n.tensor(0);
  if (areIntegers(n, x))
    n.give(0, n.b.map({x}, n.b.getI32Type(), [&](TensorBuilder &b, ValueRange e) {
      return masked(b, arith::XOrIOp::create(b, e[0], b.scalarNumber(b.getI32Type(), -1)), n.type(0));
    }));
}

static void bitShift(Node &n) {
  Value x = n.tensor(0), y = n.tensor(1);
  bool left = n.text("direction", "LEFT") == "LEFT";
  if (!areIntegers(n, {x, y}))
    return;
  // Shifts of a number of bits as products and quotients of powers of two.
  Value power = n.b.cast(n.b.binary(xf::BinaryKind::Pow, n.b.f32(2), n.b.cast(y, n.b.getF32Type())), n.b.getI32Type());
  Value result = left ? n.b.mul(x, power) : n.b.div(x, power);
  n.give(0, n.b.map({result}, n.b.getI32Type(),
                    [&](TensorBuilder &b, ValueRange e) { return masked(b, e[0], n.type(0)); }));
}

static void modulo(Node &n) {
  Value x = n.tensor(0), y = n.tensor(1);
  if (!x || !y)
    return;
  TensorBuilder &b = n.b;
  if (TensorBuilder::elementOf(x) != TensorBuilder::elementOf(y) || TensorBuilder::elementOf(x).isInteger(1))
    return void(n.fail("has operands that aren't numbers of one type"));
  bool truncated = n.integer("fmod", 0);
  if (TensorBuilder::isFloat(x)) {
    Value quotient = b.div(x, y);
    Value down = b.unary(xf::UnaryKind::Floor, quotient);
    if (truncated) {
      Value magnitude = b.unary(xf::UnaryKind::Floor, b.unary(xf::UnaryKind::Abs, quotient));
      down = b.select(b.compare(xf::CompareKind::Lt, quotient, b.f32(0)), b.unary(xf::UnaryKind::Neg, magnitude),
                      magnitude);
    }
    return n.give(0, b.sub(x, b.mul(down, y)));
  }
  Value rest = b.sub(x, b.mul(b.div(x, y), y));
  if (truncated)
    return n.give(0, rest);
  // The rest has the sign of the divisor.
  Value zero = b.i32(0);
  Value differs = b.compare(xf::CompareKind::Lt, b.mul(rest, y), zero);
  n.give(0, b.select(differs, b.add(rest, y), rest));
}

//===-- quantized tensors -------------------------------------------------------------------------------------===//

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
  Value divided = b.div(x, along(n, scale, x, axis, block));
  // Half to even.
  Value up = b.unary(xf::UnaryKind::Floor, b.add(divided, b.f32(0.5))), half = b.mul(up, b.f32(0.5));
  Value isTie = b.compare(xf::CompareKind::Eq, b.sub(up, divided), b.f32(0.5));
  Value isOdd = b.compare(xf::CompareKind::Ne, b.unary(xf::UnaryKind::Floor, half), half);
  Value codes = b.select(b.binary(xf::BinaryKind::And, isTie, isOdd), b.sub(up, b.f32(1)), up);
  if (zero)
    codes = b.add(codes, b.cast(along(n, zero, x, axis, block), b.getF32Type()));
  double range = double(1 << (8 * type->bytes)), least = type->isSigned ? -range / 2 : 0;
  codes = b.min(b.max(codes, b.f32(least)), b.f32(least + range - 1));
  n.give(0, b.cast(codes, b.getI32Type()), type);
}

ArrayRef<Operator> integerOperators() {
  static constexpr Operator operators[] = {
      {"BitShift", bitShift},
      {"BitwiseAnd", bitwise<arith::AndIOp>, 18},
      {"BitwiseNot", bitwiseNot, 18},
      {"BitwiseOr", bitwise<arith::OrIOp>, 18},
      {"BitwiseXor", bitwise<arith::XOrIOp>, 18},
      {"DequantizeLinear", dequantize, 10},
      {"Mod", modulo},
      {"QuantizeLinear", quantize, 10},
  };
  return operators;
}

} // namespace ph::onnx_import
