// Log-probabilities, and what else training adds that has kernels of its own.
#include "dialects/Training/Training.h"
#include "lib/Autodiff/Rules/Labels.h"

using namespace mlir;

namespace ph::autodiff {

static LogicalResult pullTokenLogp(Pullback &pull, train::TokenLogpOp op) {
  Primitives &p = pull.p;
  bool wantsWeight = pull.wants(op.getWeight());
  // What is there is added to in place.
  Value sum = wantsWeight ? pull.gradientOf(op.getWeight()) : Value();
  auto back =
      train::TokenLogpBackwardOp::create(p, op, pull.gradientOf(op.getResult()), wantsWeight, /*logp=*/false, sum);
  pull.add(op.getHidden(), back.getHiddenGradient());
  if (wantsWeight)
    pull.set(op.getWeight(), back.getWeightGradientResult());
  return success();
}

/// z_l - log Σ e^z, and 0 where the label l is ignored, of all logits at once.
static SmallVector<Value> spellTokenLogp(Primitives &p, train::TokenLogpOp op) {
  Type scores = RankedTensorType::get(
      [&] {
        SmallVector<int64_t> shape(xf::shapeOf(op.getHidden()));
        shape.back() = op.getWeight().getType().getDimSize(0);
        return shape;
      }(),
      p.getF32Type());
  Value z = xf::LogitsOp::create(p, scores, op.getHidden(), op.getWeight(), op.getScaleAttr(), op.getSoftCapAttr());
  Value labels = op.getLabels(), logp = logProbabilities(p, z);
  Value chosen = whereLabeled(p, labels, z);
  if (auto ignored = op.getIgnoreIndex())
    return {p.select(p.compare(xf::CompareKind::Ne, labels, p.integer(int64_t(*ignored))),
                     p.sumLast(p.select(chosen, logp, p.number(0))), p.number(0))};
  return {p.sumLast(p.select(chosen, logp, p.number(0)))};
}

static LogicalResult pullTokenKl(Pullback &pull, train::TokenKlOp op) {
  if (pull.wants(op.getTeacher()))
    return op.emitOpError("has no derivative by its teacher's logits: stop it with train.stop_gradient");
  bool wantsWeight = pull.wants(op.getWeight());
  Value sum = wantsWeight ? pull.gradientOf(op.getWeight()) : Value();
  auto back = train::TokenKlBackwardOp::create(pull.p, op, pull.gradientOf(op.getResult()), wantsWeight, sum);
  pull.add(op.getHidden(), back.getHiddenGradient());
  if (wantsWeight)
    pull.set(op.getWeight(), back.getWeightGradientResult());
  return success();
}

/// Σ e^a (a - b) of logarithms of probabilities a and b, of all logits at once.
static SmallVector<Value> spellTokenKl(Primitives &p, train::TokenKlOp op) {
  Value z = xf::LogitsOp::create(p, op.getTeacher().getType(), op.getHidden(), op.getWeight(), op.getScaleAttr(),
                                 op.getSoftCapAttr());
  auto logarithms = [&](Value logits) {
    auto factor = p.getF64FloatAttr(1 / op.getTemperature().convertToDouble());
    return logProbabilities(p, xf::ScaleOp::create(p, logits.getType(), logits, factor));
  };
  Value a = logarithms(op.getTeacher()), b = logarithms(z);
  if (op.getReverse())
    std::swap(a, b);
  return {p.sumLast(p.mul(p.exp(a), p.sub(a, b)))};
}

/// Linear: the same elements are left out of a gradient.
static LogicalResult pullDropout(Pullback &pull, train::DropoutOp op) {
  pull.add(op.getInput(),
           train::DropoutOp::create(pull.p, op.getInput().getType(), pull.gradientOf(op.getResult()), op.getKey(),
                                    op.getLayer(), op.getStreamAttr(), op.getProbabilityAttr()));
  return success();
}

static LogicalResult pullRound(Pullback &pull, train::RoundOp op) {
  pull.add(op.getInput(), pull.gradientOf(op.getResult()));
  return success();
}
static LogicalResult pullRoundGradient(Pullback &pull, train::RoundGradientOp op) {
  pull.add(op.getInput(),
           train::RoundOp::create(pull.p, op.getInput().getType(), op.getFormat(), pull.gradientOf(op.getResult())));
  return success();
}
/// Both are taken for the identity.
template <class Op> static LogicalResult pushSame(Pushforward &push, Op op) {
  push.add(op.getResult(), push.tangentOf(op.getInput()));
  return success();
}

static LogicalResult pullScatterAdd(Pullback &pull, train::ScatterAddOp op) {
  Value gradient = pull.gradientOf(op.getResult());
  pull.add(op.getSum(), gradient);
  if (pull.wants(op.getValues()))
    pull.add(op.getValues(), xf::GatherOp::create(pull.p, gradient, op.getIndices(), 0));
  return success();
}
static LogicalResult pushScatterAdd(Pushforward &push, train::ScatterAddOp op) {
  Value values = push.tangentOf(op.getValues()), sum = push.tangentOf(op.getSum());
  if (!sum)
    sum = zerosLike(push.p, op.getSum());
  push.add(op.getResult(),
           values ? train::ScatterAddOp::create(push.p, values, sum, op.getIndices()).getResult() : sum);
  return success();
}

/// Derivatives end here.
template <class Op> static LogicalResult pullNothing(Pullback &, Op) { return success(); }
template <class Op> static LogicalResult pushNothing(Pushforward &, Op) { return success(); }

void registerTrainingRules(MLIRContext *context) {
  attach<train::TokenLogpOp, pullTokenLogp, pushSpelled<train::TokenLogpOp, spellTokenLogp>>(context);
  attach<train::TokenKlOp, pullTokenKl, pushSpelled<train::TokenKlOp, spellTokenKl>>(context);
  attach<train::ScatterAddOp, pullScatterAdd, pushScatterAdd>(context);
  attachMultilinear<train::DropoutOp, pullDropout>(context);
  attach<train::RoundGradientOp, pullRoundGradient, pushSame>(context);
  attach<train::RoundOp, pullRound, pushSame>(context);
  attach<train::StopGradientOp, pullNothing, pushNothing>(context);
  attach<train::GaeOp, pullNothing, pushNothing>(context);
}

} // namespace ph::autodiff
