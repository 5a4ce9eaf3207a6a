// Optimizers: one pass over a parameter, its gradient and its states, which become the new ones in their places.
#include "Optimizers.h"
#include "dialects/Training/Training.h"
#include <cmath>

using namespace mlir;

namespace ph::conversion {

Value OptimizerScalars::biasCorrection(const APFloat &beta, Value step) {
  ScalarBuilder &s = l.s;
  Value exponent = s.mul(s.convert(step, s.getF32Type()), s.f32(std::log(beta.convertToDouble())));
  return s.sub(s.f32(0), math::ExpM1Op::create(s, exponent));
}

/// A pass over `states`, the parameter first, and the gradient. The body gets the gradient and the states, and gives
/// the new ones.
template <class Op>
static void update(Lowering &l, Op op, const OptimizerScalars &scalars, ArrayRef<Value> states,
                   function_ref<SmallVector<Value>(ScalarBuilder &, Value, ValueRange)> body) {
  SmallVector<Indexed> outputs;
  for (Value state : states)
    outputs.push_back(l.whole(l.of(state)));
  unsigned rank = cast<RankedTensorType>(states[0].getType()).getRank();
  SmallVector<Value> results = l.structured(
      rank, l.whole(l.of(op.getGradient())), outputs, [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
        SmallVector<Value> next = body(s, scalars.scaled(s, e[0]), e.drop_front());
        for (auto [value, old] : llvm::zip_equal(next, e.drop_front()))
          value = scalars.orOld(s, value, old);
        return next;
      });
  for (auto [old, value] : llvm::zip_equal(op->getResults(), results))
    l.give(old, value);
}

static LogicalResult adamw(Lowering &l, train::AdamWOp op) {
  AdamScalars scalars(l, op);
  update(l, op, scalars, {op.getParameter(), op.getFirst(), op.getSecond()},
         [&](ScalarBuilder &s, Value g, ValueRange e) -> SmallVector<Value> {
           Value m = scalars.first(s, e[1], g), v = scalars.second(s, e[2], g);
           return {scalars.parameter(s, e[0], m, v), m, v};
         });
  return success();
}

static LogicalResult sgd(Lowering &l, train::SgdOp op) {
  OptimizerScalars scalars(l, op);
  double decay = op.getWeightDecay().convertToDouble();
  double momentum = op.getMomentum() ? op.getMomentum()->convertToDouble() : 0;
  SmallVector<Value> states = {op.getParameter()};
  if (op.getVelocity())
    states.push_back(op.getVelocity());
  update(l, op, scalars, states, [&](ScalarBuilder &s, Value g, ValueRange e) -> SmallVector<Value> {
    Value d = decay != 0 ? s.add(g, s.mul(s.f32(decay), e[0])) : g;
    auto moved = [&](Value by) { return s.sub(e[0], s.mul(scalars.rate, by)); };
    if (e.size() == 1)
      return {moved(d)};
    Value m = s.add(s.mul(s.f32(momentum), e[1]), d);
    return {moved(op.getNesterov() ? s.add(d, s.mul(s.f32(momentum), m)) : m), m};
  });
  return success();
}

static LogicalResult lion(Lowering &l, train::LionOp op) {
  OptimizerScalars scalars(l, op);
  double beta1 = op.getBeta1().convertToDouble(), beta2 = op.getBeta2().convertToDouble();
  auto blend = [](ScalarBuilder &s, double beta, Value m, Value g) {
    return s.add(s.mul(s.f32(beta), m), s.mul(s.f32(1 - beta), g));
  };
  update(l, op, scalars, {op.getParameter(), op.getMomentum()},
         [&](ScalarBuilder &s, Value g, ValueRange e) -> SmallVector<Value> {
           Value c = blend(s, beta1, e[1], g), zero = s.f32(0);
           Value down = s.select(s.compare(xf::CompareKind::Lt, c, zero), s.f32(-1), zero);
           Value sign = s.select(s.compare(xf::CompareKind::Gt, c, zero), s.f32(1), down);
           return {s.sub(s.mul(e[0], scalars.keep), s.mul(scalars.rate, sign)), blend(s, beta2, e[1], g)};
         });
  return success();
}

void addOptimizers(Handlers &handlers) {
  handlers.add<train::AdamWOp, adamw>();
  handlers.add<train::LionOp, lion>();
  handlers.add<train::SgdOp, sgd>();
}

} // namespace ph::conversion
