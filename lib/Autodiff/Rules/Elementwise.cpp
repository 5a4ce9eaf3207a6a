// Functions of elements: the gradient of each operand is that of the result times the partial derivative.
#include "lib/Autodiff/Rules/Rules.h"
#include <cmath>

using namespace mlir;

namespace ph::autodiff {

/// dy/dx; null where it is 0.
static Value derivative(Primitives &p, xf::UnaryOp op) {
  Value x = op.getInput(), y = op.getResult();
  using Kind = xf::UnaryKind;
  switch (op.getKind()) {
  case Kind::Neg:
    return p.number(-1);
  case Kind::Abs:
    return p.select(p.compare(xf::CompareKind::Lt, x, p.number(0)), p.number(-1), p.number(1));
  case Kind::Exp:
    return y;
  case Kind::Log:
    return xf::UnaryOp::create(p, Kind::Reciprocal, x);
  case Kind::Sqrt:
    return p.div(p.number(0.5), y);
  case Kind::Rsqrt:
    return p.scaled(p.mul(p.square(y), y), -0.5);
  case Kind::Reciprocal:
    return p.neg(p.square(y));
  case Kind::Tanh:
    return p.sub(p.number(1), p.square(y));
  case Kind::Erf:
    return p.scaled(p.exp(p.neg(p.square(x))), M_2_SQRTPI);
  case Kind::Sigmoid:
    return p.mul(y, p.sub(p.number(1), y));
  case Kind::Sin:
    return xf::UnaryOp::create(p, Kind::Cos, x);
  case Kind::Cos:
    return p.neg(xf::UnaryOp::create(p, Kind::Sin, x));
  case Kind::Floor:
  case Kind::Not:
    return {};
  }
  llvm_unreachable("all kinds are listed");
}

static LogicalResult pullUnary(Pullback &pull, xf::UnaryOp op) {
  if (Value factor = derivative(pull.p, op))
    pull.add(op.getInput(), pull.p.mul(pull.gradientOf(op.getResult()), factor));
  return success();
}
static LogicalResult pushUnary(Pushforward &push, xf::UnaryOp op) {
  if (Value factor = derivative(push.p, op))
    push.add(op.getResult(), push.p.mul(push.tangentOf(op.getInput()), factor));
  return success();
}

/// What a change of operand `side` changes the result by: `change` times the partial derivative; null for none.
static Value partial(Primitives &p, xf::ElementwiseOp op, unsigned side, Value change) {
  Value a = op.getLhs(), b = op.getRhs(), y = op.getResult();
  bool left = side == 0;
  using Kind = xf::BinaryKind;
  switch (op.getKind()) {
  case Kind::Add:
    return change;
  case Kind::Sub:
    return left ? change : p.neg(change);
  case Kind::Mul:
    return p.mul(change, left ? b : a);
  case Kind::Div:
    return left ? p.div(change, b) : p.neg(p.div(p.mul(change, y), b));
  case Kind::Max:
  case Kind::Min: {
    // Of equal ones the first counts.
    auto kind = op.getKind() == Kind::Max ? xf::CompareKind::Ge : xf::CompareKind::Le;
    Value first = p.compare(kind, a, b);
    return left ? p.select(first, change, p.number(0)) : p.select(first, p.number(0), change);
  }
  case Kind::Pow: {
    if (!left)
      return p.mul(change, p.mul(y, p.log(a)));
    Value power = xf::ElementwiseOp::create(p, Kind::Pow, a, p.sub(b, p.number(1)));
    return p.mul(change, p.mul(b, power));
  }
  case Kind::And:
  case Kind::Or:
    return {};
  }
  llvm_unreachable("all kinds are listed");
}

static LogicalResult pullBinary(Pullback &pull, xf::ElementwiseOp op) {
  for (unsigned side : {0, 1})
    if (pull.wants(op->getOperand(side)))
      if (Value part = partial(pull.p, op, side, pull.gradientOf(op.getResult())))
        if (failed(pull.addSummed(op, op->getOperand(side), broadcastLike(pull.p, part, op.getResult()))))
          return failure();
  return success();
}
static LogicalResult pushBinary(Pushforward &push, xf::ElementwiseOp op) {
  for (unsigned side : {0, 1})
    if (Value tangent = push.tangentOf(op->getOperand(side)))
      if (Value part = partial(push.p, op, side, tangent))
        push.add(op.getResult(), broadcastLike(push.p, part, op.getResult()));
  return success();
}

static LogicalResult pullSelect(Pullback &pull, xf::SelectOp op) {
  Primitives &p = pull.p;
  Value gradient = pull.gradientOf(op.getResult()), zero = p.number(0);
  if (pull.wants(op.getOnTrue()) &&
      failed(pull.addSummed(op, op.getOnTrue(), p.select(op.getCondition(), gradient, zero))))
    return failure();
  if (pull.wants(op.getOnFalse()))
    return pull.addSummed(op, op.getOnFalse(), p.select(op.getCondition(), zero, gradient));
  return success();
}
static LogicalResult pushSelect(Pushforward &push, xf::SelectOp op) {
  Value onTrue = push.tangentOf(op.getOnTrue()), onFalse = push.tangentOf(op.getOnFalse()), zero = push.p.number(0);
  Value part = push.p.select(op.getCondition(), onTrue ? onTrue : zero, onFalse ? onFalse : zero);
  push.add(op.getResult(), broadcastLike(push.p, part, op.getResult()));
  return success();
}

static LogicalResult pullCast(Pullback &pull, xf::CastOp op) {
  pull.add(op.getInput(), pull.gradientOf(op.getResult()));
  return success();
}

void registerElementwiseRules(MLIRContext *context) {
  attach<xf::UnaryOp, pullUnary, pushUnary>(context);
  attach<xf::ElementwiseOp, pullBinary, pushBinary>(context);
  attach<xf::SelectOp, pullSelect, pushSelect>(context);
  attachMultilinear<xf::CastOp, pullCast>(context);
}

} // namespace ph::autodiff
