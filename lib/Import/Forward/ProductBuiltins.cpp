// Products with weight matrices, and nonlinear functions.
#include "Builtins.h"

using namespace mlir;

namespace ph {

static Call::Result linear(Call &call) {
  Value input = call.activation(0), matrix = call.weight(1, 2), bias = call.weightNamed("bias", 1);
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::LinearOp::create(call.b, call.at, withFeatures(input, shapeOf(matrix)[0]), input,
                                                 matrix, bias, Value(), xf::ActivationAttr())};
}

static Call::Result logits(Call &call) {
  Value input = call.activation(0), matrix = call.weight(1, 2);
  FloatAttr scale = call.numberUnless("scale", 1), cap = call.numberUnless("soft_cap", 0);
  if (call.failed())
    return call.error();
  return SmallVector<Value>{
      xf::LogitsOp::create(call.b, call.at, withFeatures(input, shapeOf(matrix)[0]), input, matrix, scale, cap)};
}

static Call::Result activation(Call &call) {
  Value input = call.activation(0);
  // Nothing to apply: transformers calls it so.
  if (!call.failed() && call.text("kind", "") == "linear")
    return SmallVector<Value>{input};
  xf::Activation kind = call.activationKind("kind");
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::ActivationOp::create(call.b, call.at, input.getType(), input, kind)};
}

static Call::Result gatedActivation(Call &call) {
  Value gate = call.activation(0), up = call.activation(1);
  xf::Activation kind = call.activationKind("kind");
  FloatAttr limit = call.numberUnless("limit", 0), offset = call.numberUnless("up_offset", 0);
  if (call.failed())
    return call.error();
  return SmallVector<Value>{
      xf::GatedActivationOp::create(call.b, call.at, gate.getType(), gate, up, kind, limit, offset)};
}

static Call::Result exponential(Call &call) {
  Value input = call.value(0);
  if (input && !xf::isFloatTensor(input.getType()))
    call.fail("exp needs numbers");
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::UnaryOp::create(call.b, call.at, xf::UnaryKind::Exp, input)};
}

static Call::Result clamp(Call &call) {
  Value input = call.activation(0);
  double limit = call.number("limit");
  if (!(limit >= 0))
    call.fail("a limit is 0 or more");
  if (call.failed())
    return call.error();
  if (limit == 0) // none
    return SmallVector<Value>{input};
  auto type = RankedTensorType::get({1}, call.b.getF32Type());
  auto bound = [&](double value) -> Value {
    return arith::ConstantOp::create(call.b, call.at,
                                     DenseElementsAttr::get(type, call.b.getF32FloatAttr(float(value))));
  };
  Value below = xf::ElementwiseOp::create(call.b, call.at, xf::BinaryKind::Min, input, bound(limit));
  return SmallVector<Value>{xf::ElementwiseOp::create(call.b, call.at, xf::BinaryKind::Max, below, bound(-limit))};
}

static Call::Result matmul(Call &call) {
  Value left = call.value(0), right = call.value(1);
  bool transposed = call.flag("transposed");
  for (Value operand : {left, right})
    if (operand && (!xf::isFloatTensor(operand.getType()) || shapeOf(operand).size() != 2))
      call.fail("matmul needs two matrices");
  if (call.failed())
    return call.error();
  auto type = RankedTensorType::get({shapeOf(left)[0], shapeOf(right)[transposed ? 0 : 1]}, call.b.getF32Type());
  return SmallVector<Value>{
      xf::MatmulOp::create(call.b, call.at, type, left, right, /*transpose_a=*/false, transposed)};
}

const std::vector<Builtin> &productBuiltins() {
  static const std::vector<Builtin> table = {
      {"linear", linear, 2, 2, {"bias"}, "linear(x, W, bias = b)", "x Wᵀ + b"},
      {"logits",
       logits,
       2,
       2,
       {"scale", "soft_cap"},
       "logits(x, W, scale = 1, soft_cap = 0)",
       "scale · x Wᵀ, the scores of the vocabulary; with a soft cap c · tanh(score / c)"},
      {"activation",
       activation,
       1,
       1,
       {"kind"},
       "activation(x, kind = 'gelu')",
       "a nonlinear function of each element"},
      {"gated_activation",
       gatedActivation,
       2,
       2,
       {"kind", "limit", "up_offset"},
       "gated_activation(g, u, kind = 'silu', limit = 0, up_offset = 0)",
       "act(g) · (u + up_offset), g cut to at most limit and u to ± limit where that is given"},
      {"clamp", clamp, 1, 1, {"limit"}, "clamp(x, limit = …)", "x cut to ± limit; as it is where that is 0"},
      {"exp", exponential, 1, 1, {}, "exp(x)", "e to the power of each element"},
      {"matmul", matmul, 2, 2, {"transposed"}, "matmul(a, b, transposed = false)", "a b, or a bᵀ, of two matrices"}};
  return table;
}

} // namespace ph
