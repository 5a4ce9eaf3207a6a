// Optimizers: one pass over a parameter, its gradient and its states, which become the new ones in their places.
#include "Lowering.h"
#include "dialects/Training/Training.h"
#include <cmath>

using namespace mlir;

namespace ph::conversion {
namespace {

/// Scalars that an optimizer takes, computed once before the pass.
class Scalars {
public:
  explicit Scalars(Lowering &l) : l(l), s(l.s) {}

  Value of(Value old) { return s.at(l.of(old), ValueRange()); }
  Value optional(Value old) { return old ? of(old) : Value(); }
  /// 1 - beta^step, exact also where it is small.
  Value biasCorrection(const APFloat &beta, Value step) {
    Value exponent = s.mul(s.convert(step, s.getF32Type()), s.f32(std::log(beta.convertToDouble())));
    return s.sub(s.f32(0), math::ExpM1Op::create(s, exponent));
  }

private:
  Lowering &l;
  ScalarBuilder &s;
};

/// A pass over `states`, the parameter first, and the gradient, times `scale` and only where `finite`, if these are
/// given. The body gets the gradient and the states, and gives the new ones.
template <class Op>
void update(Lowering &l, Op op, ArrayRef<Value> states,
            function_ref<SmallVector<Value>(ScalarBuilder &, Value, ValueRange)> body) {
  Scalars scalars(l);
  Value scale = scalars.optional(op.getScale()), finite = scalars.optional(op.getFinite());
  SmallVector<Indexed> outputs;
  for (Value state : states)
    outputs.push_back(l.whole(l.of(state)));
  unsigned rank = cast<RankedTensorType>(states[0].getType()).getRank();
  SmallVector<Value> results = l.structured(
      rank, l.whole(l.of(op.getGradient())), outputs, [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
        SmallVector<Value> next = body(s, scale ? s.mul(e[0], scale) : e[0], e.drop_front());
        if (finite)
          for (auto [value, old] : llvm::zip_equal(next, e.drop_front()))
            value = s.select(finite, value, old);
        return next;
      });
  for (auto [old, value] : llvm::zip_equal(op->getResults(), results))
    l.give(old, value);
}

LogicalResult adamw(Lowering &l, train::AdamWOp op) {
  ScalarBuilder &s = l.s;
  Scalars scalars(l);
  Value rate = scalars.of(op.getLearningRate()), step = scalars.of(op.getStep());
  Value first = scalars.biasCorrection(op.getBeta1(), step), second = scalars.biasCorrection(op.getBeta2(), step);
  double beta1 = op.getBeta1().convertToDouble(), beta2 = op.getBeta2().convertToDouble();
  Value keep = s.sub(s.f32(1), s.mul(rate, s.f32(op.getWeightDecay().convertToDouble())));
  // lr · m / c1 / (√(v / c2) + eps) = (lr / c1) · m / (√v · (1 / √c2) + eps)
  Value stride = s.div(rate, first), root = s.div(s.f32(1), math::SqrtOp::create(s, second));
  update(l, op, {op.getParameter(), op.getFirst(), op.getSecond()},
         [&](ScalarBuilder &s, Value g, ValueRange e) -> SmallVector<Value> {
           Value m = s.add(s.mul(s.f32(beta1), e[1]), s.mul(s.f32(1 - beta1), g));
           Value v = s.add(s.mul(s.f32(beta2), e[2]), s.mul(s.f32(1 - beta2), s.mul(g, g)));
           Value below = s.add(s.mul(math::SqrtOp::create(s, v), root), s.f32(op.getEps().convertToDouble()));
           return {s.sub(s.mul(e[0], keep), s.mul(stride, s.div(m, below))), m, v};
         });
  return success();
}

} // namespace

void addOptimizers(Handlers &handlers) { handlers.add<train::AdamWOp, adamw>(); }

} // namespace ph::conversion
