// Functions of integers: bits and remainders.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;

namespace ph::onnx_import {

template <class Op> static void bitwise(Node &n) {
  Value x = n.tensor(0), y = n.tensor(1);
  if (n.areIntegers({x, y}))
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
  if (n.areIntegers(x))
    n.give(0, n.b.map({x}, n.b.getI32Type(), [&](TensorBuilder &b, ValueRange e) {
      return masked(b, arith::XOrIOp::create(b, e[0], b.scalarNumber(b.getI32Type(), -1)), n.type(0));
    }));
}

static void bitShift(Node &n) {
  Value x = n.tensor(0), y = n.tensor(1);
  const bool left = n.text("direction", "LEFT") == "LEFT";
  if (!n.areIntegers({x, y}))
    return;
  const ElementType *type = n.type(0);
  const int64_t bits = std::min<int64_t>(8 * type->bytes, 32);
  n.give(0, n.b.map({x, y}, n.b.getI32Type(), [&](TensorBuilder &b, ValueRange e) -> Value {
    Type i32 = b.getI32Type();
    Value zero = b.scalarNumber(i32, 0), last = b.scalarNumber(i32, double(bits - 1)), by = e[1];
    // Shifts by more bits than there are leave what an endless one would, as do negative ones.
    Value beyond = arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, by, last);
    by = b.choose(beyond, last, by);
    if (!left)
      return type->isSigned ? arith::ShRSIOp::create(b, e[0], by).getResult()
                            : b.choose(beyond, zero, arith::ShRUIOp::create(b, e[0], by));
    Value moved = masked(b, b.choose(beyond, zero, arith::ShLIOp::create(b, e[0], by)), type);
    if (!type->isSigned || bits == 32)
      return moved;
    Value unused = b.scalarNumber(i32, double(32 - bits));
    return arith::ShRSIOp::create(b, arith::ShLIOp::create(b, moved, unused), unused);
  }));
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
    Value zero = b.f32(0), infinity = b.f32(std::numeric_limits<float>::infinity());
    Value quotient = b.div(x, y), magnitude = b.unary(xf::UnaryKind::Floor, b.unary(xf::UnaryKind::Abs, quotient));
    Value whole =
        b.select(b.compare(xf::CompareKind::Lt, quotient, zero), b.unary(xf::UnaryKind::Neg, magnitude), magnitude);
    Value rest = b.sub(x, b.mul(whole, y));
    // Nothing finite holds an infinite divisor.
    Value isWhole =
        b.binary(xf::BinaryKind::And, b.compare(xf::CompareKind::Eq, b.unary(xf::UnaryKind::Abs, y), infinity),
                 b.compare(xf::CompareKind::Lt, b.unary(xf::UnaryKind::Abs, x), infinity));
    rest = b.select(isWhole, x, rest);
    if (truncated)
      return n.give(0, rest);
    // The rest has the sign of the divisor.
    Value below = b.select(b.compare(xf::CompareKind::Lt, rest, zero), b.add(rest, y), rest);
    Value above = b.select(b.compare(xf::CompareKind::Gt, rest, zero), b.add(rest, y), rest);
    return n.give(0, b.select(b.compare(xf::CompareKind::Lt, y, zero), above, below));
  }
  Value rest = b.sub(x, b.mul(b.div(x, y), y));
  if (truncated)
    return n.give(0, rest);
  // The rest has the sign of the divisor.
  Value zero = b.i32(0);
  Value differs = b.compare(xf::CompareKind::Lt, b.mul(rest, y), zero);
  n.give(0, b.select(differs, b.add(rest, y), rest));
}

ArrayRef<Operator> integerOperators() {
  static constexpr Operator operators[] = {
      {"BitShift", bitShift},
      {"BitwiseAnd", bitwise<arith::AndIOp>, 18},
      {"BitwiseNot", bitwiseNot, 18},
      {"BitwiseOr", bitwise<arith::OrIOp>, 18},
      {"BitwiseXor", bitwise<arith::XOrIOp>, 18},
      {"Mod", modulo},
  };
  return operators;
}

} // namespace ph::onnx_import
