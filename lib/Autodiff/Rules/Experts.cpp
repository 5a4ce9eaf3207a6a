// Mixtures of experts. Which experts are chosen is constant; how much they count is not.
#include "dialects/Training/Training.h"
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {

/// `value`, [..., n], as [leading, middle, last], with the leading sizes of `like`, [..., m], which are its own.
static Value spread(Primitives &p, Value value, Value like, int64_t middle, int64_t last) {
  SmallVector<OpFoldResult> sizes = sizesOf(p, like);
  sizes.back() = p.getI64IntegerAttr(middle);
  sizes.push_back(p.getI64IntegerAttr(last));
  return xf::ReshapeOp::create(p, value, sizes);
}

/// Those of [..., E] that `experts`, [..., k], number.
static Value chosenOf(Primitives &p, Value scores, Value experts) {
  int64_t count = xf::shapeOf(scores).back(), choices = xf::shapeOf(experts).back();
  Value numbers = xf::IotaOp::create(p, RankedTensorType::get({count}, p.getI32Type()), Value());
  Value chosen = p.compare(xf::CompareKind::Eq, spread(p, experts, scores, choices, 1), numbers);
  return p.sumLast(p.select(chosen, spread(p, scores, scores, 1, count), p.number(0)));
}

static Value score(Primitives &p, xf::Scoring scoring, Value z) {
  if (scoring == xf::Scoring::Sigmoid)
    return p.sigmoid(z);
  return xf::SoftmaxOp::create(p, z, int64_t(xf::shapeOf(z).size()) - 1);
}

static SmallVector<Value> spellRouter(Primitives &p, xf::RouterOp op) {
  Value z = op.getLogits(), experts = op.getExperts();
  Value weights = op.getAfterTopK() ? score(p, op.getScoring(), chosenOf(p, z, experts))
                                    : chosenOf(p, score(p, op.getScoring(), z), experts);
  if (op.getNormalize()) {
    Value sum = sumAlong(p, weights, int64_t(xf::shapeOf(weights).size()) - 1);
    weights = p.div(weights, p.add(sum, p.number(1e-20)));
  }
  if (auto scale = op.getScale())
    weights = p.scaled(weights, scale->convertToDouble());
  return {weights, Value()};
}

static SmallVector<Value> spellCombine(Primitives &p, xf::CombineExpertsOp op) {
  SmallVector<OpFoldResult> sizes = sizesOf(p, op.getInput());
  sizes.back() = p.getI64IntegerAttr(1);
  Value each = p.mul(op.getInput(), xf::ReshapeOp::create(p, op.getWeights(), sizes));
  int64_t choice = int64_t(xf::shapeOf(op.getInput()).size()) - 2;
  return {xf::ReduceOp::create(p, xf::ReduceKind::Sum, each, choice, /*keepdims=*/false)};
}

static LogicalResult pullExpertLinear(Pullback &pull, xf::ExpertLinearOp op) {
  Primitives &p = pull.p;
  Value gradient = pull.gradientOf(op.getResult()), experts = op.getExperts();
  if (pull.wants(op.getInput())) {
    if (op.getWeight().getType().getEncoding())
      return op.emitOpError() << "has packed matrices: a gradient through them needs plain ones";
    Value turned = xf::TransposeOp::create(p, op.getWeight(), ArrayRef<int64_t>{0, 2, 1});
    Value back = xf::ExpertLinearOp::create(p, gradient, turned, experts);
    if (!op.hasRowPerExpert()) {
      int64_t choice = int64_t(xf::shapeOf(back).size()) - 2;
      back = xf::ReduceOp::create(p, xf::ReduceKind::Sum, back, choice, /*keepdims=*/false);
    }
    pull.add(op.getInput(), back);
  }
  // Onto the sums that there are, in place.
  auto sumOf = [&](Value value) {
    Value sum = pull.gradientOf(value);
    return sum ? sum : zerosLike(p, value);
  };
  if (pull.wants(op.getWeight()))
    pull.set(op.getWeight(),
             train::ExpertOuterAddOp::create(p, gradient, op.getInput(), sumOf(op.getWeight()), experts));
  if (op.getBias() && pull.wants(op.getBias()))
    pull.set(op.getBias(), train::ScatterAddOp::create(p, gradient, sumOf(op.getBias()), experts));
  return success();
}
static LogicalResult pushExpertLinear(Pushforward &push, xf::ExpertLinearOp op) {
  Primitives &p = push.p;
  for (Value operand : {Value(op.getInput()), Value(op.getWeight())})
    if (Value tangent = push.tangentOf(operand))
      push.add(op.getResult(), operand == op.getInput()
                                   ? xf::ExpertLinearOp::create(p, tangent, op.getWeight(), op.getExperts())
                                   : xf::ExpertLinearOp::create(p, op.getInput(), tangent, op.getExperts()));
  if (Value tangent = op.getBias() ? push.tangentOf(op.getBias()) : Value())
    push.add(op.getResult(), xf::GatherOp::create(p, tangent, op.getExperts(), 0));
  return success();
}

void registerExpertRules(MLIRContext *context) {
  attachSpelled<xf::RouterOp, spellRouter>(context);
  attachSpelled<xf::CombineExpertsOp, spellCombine>(context);
  attach<xf::ExpertLinearOp, pullExpertLinear, pushExpertLinear>(context);
}

} // namespace ph::autodiff
