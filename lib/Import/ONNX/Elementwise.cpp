// Functions of floats, element by element, and those that integers share with them.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>
#include <limits>

using namespace mlir;
using ph::xf::BinaryKind;
using ph::xf::CompareKind;
using ph::xf::UnaryKind;

namespace ph::onnx_import {

/// Two operands of the same type of elements; booleans become integers if `numbers`.
static bool operands(Node &n, Value &x, Value &y, bool numbers = false) {
  x = n.tensor(0);
  y = n.tensor(1);
  if (!x || !y)
    return false;
  if (numbers && TensorBuilder::elementOf(x).isInteger(1)) {
    x = n.b.cast(x, n.b.getI32Type());
    y = n.b.cast(y, n.b.getI32Type());
  }
  if (TensorBuilder::elementOf(x) != TensorBuilder::elementOf(y)) {
    n.fail("has operands of different types");
    return false;
  }
  return true;
}

/// What an integer of fewer than 32 bits keeps of a result.
static Value narrow(Node &n, Value x, const ElementType *type) {
  if (!x || type->kind != ElementType::Integer || type->bytes >= 4)
    return x;
  int64_t half = int64_t(1) << (8 * type->bytes - 1);
  return n.b.map({x}, n.b.getI32Type(), [&](TensorBuilder &b, ValueRange e) -> Value {
    Value least = b.scalarNumber(b.getI32Type(), type->isSigned ? double(half) : 0);
    Value mask = b.scalarNumber(b.getI32Type(), double(2 * half - 1));
    Value raised = arith::AddIOp::create(b, e[0], least);
    return arith::SubIOp::create(b, arith::AndIOp::create(b, raised, mask), least);
  });
}

template <BinaryKind kind> static void arithmetic(Node &n) {
  Value x, y;
  if (!operands(n, x, y))
    return;
  if (TensorBuilder::elementOf(x).isInteger(1))
    return void(n.fail("computes with booleans"));
  n.give(0, narrow(n, n.b.binary(kind, x, y), n.type(0)));
}

template <BinaryKind kind> static void logical(Node &n) {
  Value x, y;
  if (operands(n, x, y))
    n.give(0, n.b.binary(kind, n.b.cast(x, n.b.getI1Type()), n.b.cast(y, n.b.getI1Type())), boolType());
}

static void exclusiveOr(Node &n) {
  Value x, y;
  if (operands(n, x, y, /*numbers=*/true))
    n.give(0, n.b.compare(CompareKind::Ne, x, y), boolType());
}

template <CompareKind kind> static void compare(Node &n) {
  Value x, y;
  if (operands(n, x, y, /*numbers=*/true))
    n.give(0, n.b.compare(kind, x, y), boolType());
}

/// A function of any number of tensors, from left to right.
template <BinaryKind kind> static Value chain(Node &n) {
  Value result = n.tensor(0);
  for (int i = 1; i < n.inputs(); ++i) {
    Value next = n.tensor(i);
    if (!next || !result || TensorBuilder::elementOf(next) != TensorBuilder::elementOf(result) ||
        TensorBuilder::elementOf(next).isInteger(1))
      return n.fail("has operands that aren't numbers of one type");
    result = n.b.binary(kind, result, next);
  }
  return result;
}
template <BinaryKind kind> static void variadic(Node &n) { n.give(0, chain<kind>(n)); }
static void mean(Node &n) { n.give(0, n.b.mul(chain<BinaryKind::Add>(n), n.b.f32(1.0 / std::max(1, n.inputs())))); }

static void power(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  bool isWhole = !TensorBuilder::isFloat(x);
  Entry *exponent = n.entry(1);
  if (exponent && !isWhole && (exponent->file || exponent->elements)) {
    bool one = exponent->file ? exponent->file->elements() == 1 && exponent->file->shape.size() <= 1
                              : exponent->elements->values.size() == 1;
    if (one && n.constantNumber(1) == 2.0)
      return n.give(0, n.b.mul(x, x));
    if (one && n.constantNumber(1) == 0.5)
      return n.give(0, n.b.unary(UnaryKind::Sqrt, x));
  }
  Value y = n.tensor(1);
  if (!y)
    return;
  Value result = n.b.binary(BinaryKind::Pow, n.b.cast(x, n.b.getF32Type()), n.b.cast(y, n.b.getF32Type()));
  if (isWhole) // the nearest integer, as powers of floats may fall short of it
    result = n.b.cast(n.b.unary(UnaryKind::Floor, n.b.add(result, n.b.f32(0.5))), n.b.getI32Type());
  n.give(0, narrow(n, result, n.type(0)));
}

static void where(Node &n) {
  Value condition = n.tensor(0), x = n.tensor(1), y = n.tensor(2);
  if (!condition || !x || !y)
    return;
  if (TensorBuilder::elementOf(x) != TensorBuilder::elementOf(y) || !TensorBuilder::elementOf(condition).isInteger(1))
    return void(n.fail("has operands of different types"));
  n.give(0, n.b.select(condition, x, y), n.type(1));
}

//===-- functions of one tensor -------------------------------------------------------------------------------===//

/// The operand, if it holds floats.
static Value floats(Node &n) {
  Value x = n.tensor(0);
  if (x && !TensorBuilder::isFloat(x))
    return n.fail("expects floats");
  return x;
}

template <UnaryKind kind> static void unary(Node &n) { n.give(0, n.b.unary(kind, floats(n))); }

template <UnaryKind kind> static void exact(Node &n) {
  Value x = n.tensor(0);
  if (x && TensorBuilder::elementOf(x).isInteger(1))
    return void(n.fail("computes with booleans"));
  n.give(0, narrow(n, n.b.unary(kind, x), n.type(0)));
}

static void notTrue(Node &n) {
  if (Value x = n.tensor(0))
    n.give(0, n.b.unary(UnaryKind::Not, n.b.cast(x, n.b.getI1Type())));
}

static void ceil(Node &n) {
  Value x = floats(n);
  n.give(0, n.b.unary(UnaryKind::Neg, n.b.unary(UnaryKind::Floor, n.b.unary(UnaryKind::Neg, x))));
}

/// The nearest integer, an even one in the middle between two.
static Value rounded(TensorBuilder &b, Value x) {
  Value up = b.unary(UnaryKind::Floor, b.add(x, b.f32(0.5)));
  Value isTie = b.compare(CompareKind::Eq, b.sub(up, x), b.f32(0.5));
  Value half = b.mul(up, b.f32(0.5));
  Value isOdd = b.compare(CompareKind::Ne, b.unary(UnaryKind::Floor, half), half);
  return b.select(b.binary(BinaryKind::And, isTie, isOdd), b.sub(up, b.f32(1)), up);
}
static void round(Node &n) { n.give(0, rounded(n.b, floats(n))); }

static void sign(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  Type element = TensorBuilder::elementOf(x);
  Value zero = n.b.number(element, 0);
  Value below = n.b.select(n.b.compare(CompareKind::Lt, x, zero), n.b.number(element, -1), zero);
  n.give(0, n.b.select(n.b.compare(CompareKind::Gt, x, zero), n.b.number(element, 1), below));
}

static void isNan(Node &n) {
  Value x = floats(n);
  n.give(0, n.b.compare(CompareKind::Ne, x, x), boolType());
}

static void isInf(Node &n) {
  Value x = floats(n);
  double infinity = std::numeric_limits<double>::infinity();
  Value above = n.b.compare(CompareKind::Eq, x, n.b.f32(infinity));
  Value below = n.b.compare(CompareKind::Eq, x, n.b.f32(-infinity));
  bool positive = n.integer("detect_positive", 1), negative = n.integer("detect_negative", 1);
  Value result = positive && negative ? n.b.binary(BinaryKind::Or, above, below) : positive ? above : below;
  if (!positive && !negative)
    result = n.b.compare(CompareKind::Ne, n.b.f32(0), n.b.f32(0));
  n.give(0, positive || negative ? result : n.b.broadcast(result, n.b.dims(x)), boolType());
}

static Value expOf(TensorBuilder &b, Value x) { return b.unary(UnaryKind::Exp, x); }
static Value logOf(TensorBuilder &b, Value x) { return b.unary(UnaryKind::Log, x); }
static Value sqrtOf(TensorBuilder &b, Value x) { return b.unary(UnaryKind::Sqrt, x); }
static Value scaled(TensorBuilder &b, Value x, double factor) { return b.mul(x, b.f32(factor)); }

static void tan(Node &n) {
  Value x = floats(n);
  n.give(0, n.b.div(n.b.unary(UnaryKind::Sin, x), n.b.unary(UnaryKind::Cos, x)));
}
static void sinh(Node &n) {
  Value x = floats(n);
  n.give(0, scaled(n.b, n.b.sub(expOf(n.b, x), expOf(n.b, n.b.unary(UnaryKind::Neg, x))), 0.5));
}
static void cosh(Node &n) {
  Value x = floats(n);
  n.give(0, scaled(n.b, n.b.add(expOf(n.b, x), expOf(n.b, n.b.unary(UnaryKind::Neg, x))), 0.5));
}
static void asinh(Node &n) {
  Value x = floats(n);
  n.give(0, logOf(n.b, n.b.add(x, sqrtOf(n.b, n.b.add(n.b.mul(x, x), n.b.f32(1))))));
}
static void acosh(Node &n) {
  Value x = floats(n);
  n.give(0, logOf(n.b, n.b.add(x, sqrtOf(n.b, n.b.sub(n.b.mul(x, x), n.b.f32(1))))));
}
static void atanh(Node &n) {
  Value x = floats(n), one = n.b.f32(1);
  n.give(0, scaled(n.b, logOf(n.b, n.b.div(n.b.add(one, x), n.b.sub(one, x))), 0.5));
}

/// After Cephes' atanf: the argument is brought below tan(π/8), where a polynomial is as exact as f32.
static Value atanOf(TensorBuilder &b, Value x) {
  Value t = b.unary(UnaryKind::Abs, x), one = b.f32(1);
  Value large = b.compare(CompareKind::Gt, t, b.f32(2.414213562373095));
  Value middle = b.compare(CompareKind::Gt, t, b.f32(0.4142135623730950));
  Value reduced = b.select(middle, b.div(b.sub(t, one), b.add(t, one)), t);
  reduced = b.select(large, b.div(b.f32(-1), t), reduced);
  Value offset = b.select(large, b.f32(M_PI / 2), b.select(middle, b.f32(M_PI / 4), b.f32(0)));
  Value z = b.mul(reduced, reduced), sum = b.f32(8.05374449538e-2);
  for (double coefficient : {-1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1})
    sum = b.add(b.mul(sum, z), b.f32(coefficient));
  Value result = b.add(offset, b.add(b.mul(b.mul(sum, z), reduced), reduced));
  return b.select(b.compare(CompareKind::Lt, x, b.f32(0)), b.unary(UnaryKind::Neg, result), result);
}
static Value asinOf(TensorBuilder &b, Value x) { return atanOf(b, b.div(x, sqrtOf(b, b.sub(b.f32(1), b.mul(x, x))))); }
static void atan(Node &n) { n.give(0, atanOf(n.b, floats(n))); }
static void asin(Node &n) { n.give(0, asinOf(n.b, floats(n))); }
static void acos(Node &n) { n.give(0, n.b.sub(n.b.f32(M_PI / 2), asinOf(n.b, floats(n)))); }

//===-- activations -------------------------------------------------------------------------------------------===//

static Value isAbove(TensorBuilder &b, Value x, double bound) { return b.compare(CompareKind::Gt, x, b.f32(bound)); }

static void relu(Node &n) {
  Value x = n.tensor(0);
  if (x)
    n.give(0, n.b.max(x, n.b.number(TensorBuilder::elementOf(x), 0)));
}
static void leakyRelu(Node &n) {
  Value x = floats(n);
  n.give(0, n.b.select(n.b.compare(CompareKind::Lt, x, n.b.f32(0)), scaled(n.b, x, n.real("alpha", 0.01)), x));
}
static void prelu(Node &n) {
  Value x = floats(n), slope = n.tensor(1);
  n.give(0, n.b.select(n.b.compare(CompareKind::Lt, x, n.b.f32(0)), n.b.mul(slope, x), x));
}
static void thresholdedRelu(Node &n) {
  Value x = floats(n);
  n.give(0, n.b.select(isAbove(n.b, x, n.real("alpha", 1)), x, n.b.f32(0)));
}
/// x where it is above 0, else factor (e^(x / width) - 1), times `whole`.
static Value exponential(TensorBuilder &b, Value x, double factor, double width, double whole) {
  Value below = scaled(b, b.sub(expOf(b, scaled(b, b.min(x, b.f32(0)), 1 / width)), b.f32(1)), factor * whole);
  return b.select(isAbove(b, x, 0), whole == 1 ? x : scaled(b, x, whole), below);
}
static void elu(Node &n) { n.give(0, exponential(n.b, floats(n), n.real("alpha", 1), 1, 1)); }
static void celu(Node &n) {
  double alpha = n.real("alpha", 1);
  n.give(0, exponential(n.b, floats(n), alpha, alpha, 1));
}
static void selu(Node &n) {
  n.give(0, exponential(n.b, floats(n), n.real("alpha", 1.67326319217681884765625), 1,
                        n.real("gamma", 1.05070102214813232421875)));
}
static Value softplusOf(TensorBuilder &b, Value x) {
  // max(x, 0) + log(1 + e^-|x|), which does not overflow.
  Value small = expOf(b, b.unary(UnaryKind::Neg, b.unary(UnaryKind::Abs, x)));
  return b.add(b.max(x, b.f32(0)), logOf(b, b.add(small, b.f32(1))));
}
static void softplus(Node &n) { n.give(0, softplusOf(n.b, floats(n))); }
static void softsign(Node &n) {
  Value x = floats(n);
  n.give(0, n.b.div(x, n.b.add(n.b.unary(UnaryKind::Abs, x), n.b.f32(1))));
}
static void mish(Node &n) {
  Value x = floats(n);
  n.give(0, n.b.mul(x, n.b.unary(UnaryKind::Tanh, softplusOf(n.b, x))));
}
static Value hardSigmoidOf(TensorBuilder &b, Value x, double alpha, double beta) {
  return b.max(b.f32(0), b.min(b.f32(1), b.add(scaled(b, x, alpha), b.f32(beta))));
}
static void hardSigmoid(Node &n) {
  n.give(0, hardSigmoidOf(n.b, floats(n), n.real("alpha", 0.2), n.real("beta", 0.5)));
}
static void hardSwish(Node &n) {
  Value x = floats(n);
  n.give(0, n.b.mul(x, hardSigmoidOf(n.b, x, 1.0 / 6, 0.5)));
}
static Value swishOf(Node &n) {
  Value x = floats(n);
  double alpha = n.real("alpha", 1);
  return n.b.mul(x, n.b.unary(UnaryKind::Sigmoid, alpha == 1 ? x : scaled(n.b, x, alpha)));
}
static void swish(Node &n) { n.give(0, swishOf(n)); }
static void swiglu(Node &n) { n.give(0, n.b.mul(swishOf(n), n.tensor(1))); }
static void gelu(Node &n) {
  Value x = floats(n);
  TensorBuilder &b = n.b;
  Value inner;
  if (n.text("approximate", "none") == "tanh") {
    Value cube = b.mul(b.mul(x, x), x);
    inner = b.unary(UnaryKind::Tanh, scaled(b, b.add(x, scaled(b, cube, 0.044715)), std::sqrt(2 / M_PI)));
  } else {
    inner = b.unary(UnaryKind::Erf, b.div(x, b.f32(M_SQRT2)));
  }
  n.give(0, b.mul(scaled(b, x, 0.5), b.add(inner, b.f32(1))));
}
static void shrink(Node &n) {
  Value x = floats(n);
  double lambda = n.real("lambd", 0.5), bias = n.real("bias", 0);
  Value above = n.b.select(isAbove(n.b, x, lambda), n.b.sub(x, n.b.f32(bias)), n.b.f32(0));
  n.give(0, n.b.select(n.b.compare(CompareKind::Lt, x, n.b.f32(-lambda)), n.b.add(x, n.b.f32(bias)), above));
}
static void clip(Node &n) {
  Value x = n.tensor(0);
  if (n.opset < 11)
    return void(n.fail("has bounds as attributes"));
  if (n.has(1))
    x = n.b.max(x, n.tensor(1));
  if (n.has(2))
    x = n.b.min(x, n.tensor(2));
  n.give(0, x);
}

//===-- types -------------------------------------------------------------------------------------------------===//

static void castTo(Node &n, const ElementType *to) {
  Value x = n.tensor(0);
  Type element = to && x ? n.g.elementType(to) : Type();
  if (!element)
    return;
  bool wider = n.type(0)->kind == ElementType::Integer && n.type(0)->bytes < to->bytes;
  Value result = n.b.cast(x, element);
  n.give(0, wider && to->isSigned ? result : narrow(n, result, to), to);
}
static void cast(Node &n) {
  const ElementType *to = findElementType(int32_t(n.integer("to", 0)));
  if (!to)
    return void(n.fail("casts to an unknown type"));
  castTo(n, to);
}
static void castLike(Node &n) { castTo(n, n.type(1)); }

ArrayRef<Operator> elementwiseOperators() {
  static constexpr Operator operators[] = {
      {"Abs", exact<UnaryKind::Abs>},
      {"Acos", acos},
      {"Acosh", acosh},
      {"Add", arithmetic<BinaryKind::Add>},
      {"And", logical<BinaryKind::And>},
      {"Asin", asin},
      {"Asinh", asinh},
      {"Atan", atan},
      {"Atanh", atanh},
      {"Cast", cast},
      {"CastLike", castLike},
      {"Ceil", ceil},
      {"Celu", celu},
      {"Clip", clip},
      {"Cos", unary<UnaryKind::Cos>},
      {"Cosh", cosh},
      {"Div", arithmetic<BinaryKind::Div>},
      {"Elu", elu},
      {"Equal", compare<CompareKind::Eq>},
      {"Erf", unary<UnaryKind::Erf>},
      {"Exp", unary<UnaryKind::Exp>},
      {"Floor", unary<UnaryKind::Floor>},
      {"Gelu", gelu},
      {"Greater", compare<CompareKind::Gt>},
      {"GreaterOrEqual", compare<CompareKind::Ge>},
      {"HardSigmoid", hardSigmoid},
      {"HardSwish", hardSwish},
      {"IsInf", isInf},
      {"IsNaN", isNan},
      {"LeakyRelu", leakyRelu},
      {"Less", compare<CompareKind::Lt>},
      {"LessOrEqual", compare<CompareKind::Le>},
      {"Log", unary<UnaryKind::Log>},
      {"Max", variadic<BinaryKind::Max>},
      {"Mean", mean},
      {"Min", variadic<BinaryKind::Min>},
      {"Mish", mish},
      {"Mul", arithmetic<BinaryKind::Mul>},
      {"Neg", exact<UnaryKind::Neg>},
      {"Not", notTrue},
      {"Or", logical<BinaryKind::Or>},
      {"PRelu", prelu},
      {"Pow", power},
      {"Reciprocal", unary<UnaryKind::Reciprocal>},
      {"Relu", relu},
      {"Round", round},
      {"Selu", selu},
      {"Shrink", shrink},
      {"Sigmoid", unary<UnaryKind::Sigmoid>},
      {"Sign", sign},
      {"Sin", unary<UnaryKind::Sin>},
      {"Sinh", sinh},
      {"Softplus", softplus},
      {"Softsign", softsign},
      {"Sqrt", unary<UnaryKind::Sqrt>},
      {"Sub", arithmetic<BinaryKind::Sub>},
      {"Sum", variadic<BinaryKind::Add>},
      {"SwiGLU", swiglu, 28},
      {"Swish", swish},
      {"Tan", tan},
      {"Tanh", unary<UnaryKind::Tanh>},
      {"ThresholdedRelu", thresholdedRelu},
      {"Where", where},
      {"Xor", exclusiveOr},
  };
  return operators;
}

} // namespace ph::onnx_import
