// What is computed element by element.
#include "Broadcast.h"

using namespace mlir;

namespace ph::conversion {

/// A function of one tensor, or of several of its shape.
static Value same(Lowering &l, ValueRange tensors, Type element, Lowering::Body body) {
  SmallVector<Indexed> inputs = llvm::map_to_vector(tensors, [&](Value tensor) { return l.whole(tensor); });
  return l.each(l.sizesOf(tensors[0]), element, inputs, body);
}

static Type elementOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); }

static LogicalResult activation(Lowering &l, xf::ActivationOp op) {
  l.give(op.getResult(), same(l, l.of(op.getInput()), l.s.getF32Type(),
                              [&](ScalarBuilder &s, ValueRange e) { return s.activate(op.getActivation(), e[0]); }));
  return success();
}

static LogicalResult gatedActivation(Lowering &l, xf::GatedActivationOp op) {
  SmallVector<Value> inputs = {l.of(op.getGate()), l.of(op.getUp())};
  l.give(op.getResult(), same(l, inputs, l.s.getF32Type(), [&](ScalarBuilder &s, ValueRange e) {
           Value gate = e[0], up = e[1];
           if (op.getLimit()) {
             Value limit = s.f32(op.getLimit()->convertToDouble()), least = s.f32(-op.getLimit()->convertToDouble());
             gate = s.min(gate, limit);
             up = s.max(least, s.min(up, limit));
           }
           if (op.getUpOffset())
             up = s.add(up, s.f32(op.getUpOffset()->convertToDouble()));
           return s.mul(s.activate(op.getActivation(), gate), up);
         }));
  return success();
}

static LogicalResult add(Lowering &l, xf::AddOp op) {
  l.give(op.getResult(), same(l, l.of(op.getOperands()), l.s.getF32Type(),
                              [](ScalarBuilder &s, ValueRange e) { return s.add(e[0], e[1]); }));
  return success();
}

static LogicalResult mul(Lowering &l, xf::MulOp op) {
  Value lhs = l.of(op.getLhs()), rhs = l.of(op.getRhs());
  Indexed factors = l.whole(rhs);
  if (isOneInteger(l.sizesOf(rhs).back()))
    factors.at.back() = l.constant(0);
  l.give(op.getResult(), l.each(l.sizesOf(lhs), l.s.getF32Type(), {l.whole(lhs), factors},
                                [](ScalarBuilder &s, ValueRange e) { return s.mul(e[0], e[1]); }));
  return success();
}

static LogicalResult scale(Lowering &l, xf::ScaleOp op) {
  l.give(op.getResult(), same(l, l.of(op.getInput()), l.s.getF32Type(), [&](ScalarBuilder &s, ValueRange e) {
           return s.mul(e[0], s.f32(op.getFactor().convertToDouble()));
         }));
  return success();
}

static Value binary(ScalarBuilder &s, xf::BinaryKind kind, Value x, Value y) {
  switch (kind) {
  case xf::BinaryKind::Add:
    return s.add(x, y);
  case xf::BinaryKind::Sub:
    return s.sub(x, y);
  case xf::BinaryKind::Mul:
    return s.mul(x, y);
  case xf::BinaryKind::Div:
    return s.div(x, y);
  case xf::BinaryKind::Max:
    return s.max(x, y);
  case xf::BinaryKind::Min:
    return s.min(x, y);
  case xf::BinaryKind::Pow:
    return math::PowFOp::create(s, x, y);
  case xf::BinaryKind::And:
    return s.both(x, y);
  case xf::BinaryKind::Or:
    return s.either(x, y);
  }
  llvm_unreachable("a function without a lowering");
}

static Value unaryOf(ScalarBuilder &s, xf::UnaryKind kind, Value x) {
  bool floats = isa<FloatType>(x.getType());
  switch (kind) {
  case xf::UnaryKind::Neg:
    return floats ? arith::NegFOp::create(s, x).getResult() : s.sub(s.number(x.getType(), 0), x);
  case xf::UnaryKind::Abs:
    return floats ? math::AbsFOp::create(s, x).getResult() : s.max(x, s.sub(s.number(x.getType(), 0), x));
  case xf::UnaryKind::Exp:
    return s.exp(x);
  case xf::UnaryKind::Log:
    return math::LogOp::create(s, x);
  case xf::UnaryKind::Sqrt:
    return math::SqrtOp::create(s, x);
  case xf::UnaryKind::Rsqrt:
    return math::RsqrtOp::create(s, x);
  case xf::UnaryKind::Reciprocal:
    return s.div(s.f32(1), x);
  case xf::UnaryKind::Tanh:
    return s.tanh(x);
  case xf::UnaryKind::Erf:
    return math::ErfOp::create(s, x);
  case xf::UnaryKind::Sigmoid:
    return s.sigmoid(x);
  case xf::UnaryKind::Sin:
    return math::SinOp::create(s, x);
  case xf::UnaryKind::Cos:
    return math::CosOp::create(s, x);
  case xf::UnaryKind::Floor:
    return math::FloorOp::create(s, x);
  case xf::UnaryKind::Not:
    return s.inverse(x);
  }
  llvm_unreachable("a function without a lowering");
}

static LogicalResult elementwise(Lowering &l, xf::ElementwiseOp op) {
  SmallVector<Value> inputs = l.of(op.getOperands());
  l.give(op.getResult(), broadcastEach(l, inputs, elementOf(op.getResult()), [&](ScalarBuilder &s, ValueRange e) {
           return binary(s, op.getKind(), e[0], e[1]);
         }));
  return success();
}

static LogicalResult unary(Lowering &l, xf::UnaryOp op) {
  l.give(op.getResult(), same(l, l.of(op.getInput()), elementOf(op.getResult()),
                              [&](ScalarBuilder &s, ValueRange e) { return unaryOf(s, op.getKind(), e[0]); }));
  return success();
}

static LogicalResult compare(Lowering &l, xf::CompareOp op) {
  SmallVector<Value> inputs = l.of(op.getOperands());
  l.give(op.getResult(), broadcastEach(l, inputs, l.s.getI1Type(), [&](ScalarBuilder &s, ValueRange e) {
           return s.compare(op.getKind(), e[0], e[1]);
         }));
  return success();
}

static LogicalResult select(Lowering &l, xf::SelectOp op) {
  SmallVector<Value> inputs = l.of(op.getOperands());
  l.give(op.getResult(), broadcastEach(l, inputs, elementOf(op.getResult()),
                                       [](ScalarBuilder &s, ValueRange e) { return s.select(e[0], e[1], e[2]); }));
  return success();
}

static LogicalResult castElements(Lowering &l, xf::CastOp op) {
  Type element = elementOf(op.getResult());
  l.give(op.getResult(), same(l, l.of(op.getInput()), element,
                              [&](ScalarBuilder &s, ValueRange e) { return s.convert(e[0], element); }));
  return success();
}

void addElementwise(Handlers &handlers) {
  handlers.add<xf::ActivationOp, activation>();
  handlers.add<xf::GatedActivationOp, gatedActivation>();
  handlers.add<xf::AddOp, add>();
  handlers.add<xf::MulOp, mul>();
  handlers.add<xf::ScaleOp, scale>();
  handlers.add<xf::ElementwiseOp, elementwise>();
  handlers.add<xf::UnaryOp, unary>();
  handlers.add<xf::CompareOp, compare>();
  handlers.add<xf::SelectOp, select>();
  handlers.add<xf::CastOp, castElements>();
}

} // namespace ph::conversion
