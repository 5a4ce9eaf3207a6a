// Activations, gates and residuals.
#include "lib/Autodiff/Rules/Rules.h"
#include <cmath>

using namespace mlir;

namespace ph::autodiff {

static Value activate(Primitives &p, xf::Activation kind, Value x) {
  auto unary = [&](xf::UnaryKind kind, Value x) { return xf::UnaryOp::create(p, kind, x).getResult(); };
  auto half = [&](Value raised) { return p.mul(p.scaled(x, 0.5), p.add(raised, p.number(1))); };
  auto positive = [&] { return p.larger(x, p.number(0)); };
  switch (kind) {
  case xf::Activation::Silu:
    return p.mul(x, p.sigmoid(x));
  case xf::Activation::Gelu:
    return half(unary(xf::UnaryKind::Erf, p.scaled(x, M_SQRT1_2)));
  case xf::Activation::GeluTanh: {
    Value cubic = p.add(x, p.scaled(p.mul(p.square(x), x), 0.044715));
    return half(unary(xf::UnaryKind::Tanh, p.scaled(cubic, std::sqrt(M_2_PI))));
  }
  case xf::Activation::Relu:
    return positive();
  case xf::Activation::QuickGelu:
    return p.mul(x, p.sigmoid(p.scaled(x, 1.702)));
  case xf::Activation::Relu2:
    return p.square(positive());
  case xf::Activation::Tanh:
    return unary(xf::UnaryKind::Tanh, x);
  case xf::Activation::Sigmoid:
    return p.sigmoid(x);
  }
  llvm_unreachable("all kinds are listed");
}

static SmallVector<Value> spellActivation(Primitives &p, xf::ActivationOp op) {
  return {activate(p, op.getActivation(), op.getInput())};
}

static SmallVector<Value> spellGate(Primitives &p, xf::GatedActivationOp op) {
  Value gate = op.getGate(), up = op.getUp();
  if (auto limit = op.getLimit()) {
    Value most = p.number(limit->convertToDouble()), least = p.number(-limit->convertToDouble());
    gate = p.select(p.compare(xf::CompareKind::Gt, gate, most), most, gate);
    up = p.clamp(up, least, most);
  }
  if (auto offset = op.getUpOffset())
    up = p.add(up, p.number(offset->convertToDouble()));
  return {xf::MulOp::create(p, gate.getType(), activate(p, op.getActivation(), gate), up)};
}

static LogicalResult pullAdd(Pullback &pull, xf::AddOp op) {
  for (Value operand : op->getOperands())
    pull.add(operand, pull.gradientOf(op.getResult()));
  return success();
}
static LogicalResult pushAdd(Pushforward &push, xf::AddOp op) {
  for (Value operand : op->getOperands())
    push.add(op.getResult(), push.tangentOf(operand));
  return success();
}

static LogicalResult pullMul(Pullback &pull, xf::MulOp op) {
  Value gradient = pull.gradientOf(op.getResult());
  if (pull.wants(op.getLhs()))
    pull.add(op.getLhs(), pull.p.mul(gradient, op.getRhs()));
  if (pull.wants(op.getRhs()))
    return pull.addSummed(op, op.getRhs(), pull.p.mul(gradient, op.getLhs()), xf::shapeOf(op.getRhs()).size());
  return success();
}

static LogicalResult pullScale(Pullback &pull, xf::ScaleOp op) {
  pull.add(op.getInput(), pull.p.scaled(pull.gradientOf(op.getResult()), op.getFactor().convertToDouble()));
  return success();
}

void registerActivationRules(MLIRContext *context) {
  attachSpelled<xf::ActivationOp, spellActivation>(context);
  attachSpelled<xf::GatedActivationOp, spellGate>(context);
  attach<xf::AddOp, pullAdd, pushAdd>(context);
  attachMultilinear<xf::MulOp, pullMul>(context);
  attachMultilinear<xf::ScaleOp, pullScale>(context);
}

} // namespace ph::autodiff
