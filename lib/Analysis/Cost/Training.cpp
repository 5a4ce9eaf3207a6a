// The ops of training: products with the vocabulary count as such, what is spelled out later by its elements.
#include "dialects/Training/Training.h"
#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// `products` of 2K for each logit, and `more` operations on each.
template <class Op> static void ofLogits(Op op, const CostPoint &at, Cost &cost, double products, double more) {
  double logits = getRows(op.getHidden(), at) * double(op.getWeight().getType().getDimSize(0));
  cost.flop = logits * (2 * getFeatures(op.getHidden()) * products + more);
}

/// Difference, exponential and sum after the maximum; twice and more where there is a teacher, whose logits are read.
static void tokenLogp(train::TokenLogpOp op, const CostPoint &at, Cost &cost) { ofLogits(op, at, cost, 1, 4); }
static void tokenKl(train::TokenKlOp op, const CostPoint &at, Cost &cost) { ofLogits(op, at, cost, 1, 13); }
static void tokenLogpBackward(train::TokenLogpBackwardOp op, const CostPoint &at, Cost &cost) {
  ofLogits(op, at, cost, 2 + op.getWeightGradient(), 9);
}
static void tokenKlBackward(train::TokenKlBackwardOp op, const CostPoint &at, Cost &cost) {
  ofLogits(op, at, cost, 2 + op.getWeightGradient(), 18);
}

/// A product and a sum for each element of a row that an element of the gradient meets.
static void expertOuterAdd(train::ExpertOuterAddOp op, const CostPoint &at, Cost &cost) {
  cost.flop = getElements(op.getGradient().getType(), at) * 2 * getFeatures(op.getInput());
}

/// `each` operations for each element of the first operand.
template <class Op, int each> static void perInput(Op op, const CostPoint &at, Cost &cost) {
  cost.flop += each * getElements(op->getOperand(0).getType(), at);
}

/// Of all operands.
template <class Op> static void perAny(Op op, const CostPoint &at, Cost &cost) {
  for (Type type : op->getOperandTypes())
    cost.flop += 2 * getElements(type, at);
}

template <int each, class... Ops> static void attachPerInput(MLIRContext *context) {
  (attach<Ops, perInput<Ops, each>>(context), ...);
}

void registerTrainingCost(MLIRContext *context) {
  using namespace train;
  attach<TokenLogpOp, tokenLogp>(context);
  attach<TokenLogpBackwardOp, tokenLogpBackward>(context);
  attach<TokenKlOp, tokenKl>(context);
  attach<TokenKlBackwardOp, tokenKlBackward>(context);
  attachPerInput<2, LmLossOp, SequenceLogpOp, DistillLossOp>(context);
  attachPerInput<8, RewardLossOp, DpoLossOp, IpoLossOp, SimpoLossOp, KtoBaselineOp, KtoLossOp, ClassificationLossOp,
                 MultiLabelLossOp, RegressionLossOp, KlRewardsOp, GaeOp, WhitenOp, PpoLossOp, ValueLossOp>(context);
  attachPerInput<24, OrpoLossOp>(context);
  // Six for moments, six for the parameter; finding the place in a map takes some 25 more, twice in each direction.
  attachPerInput<4, SgdOp>(context);
  attachPerInput<8, LionOp>(context);
  attachPerInput<12, AdamWOp>(context);
  attachPerInput<18, AdafactorOp>(context);
  attachPerInput<112, AdamW8Op>(context);
  // Ten rounds of two products of words.
  attachPerInput<300, DropoutOp>(context);
  attach<GlobalNormOp, perAny<GlobalNormOp>>(context);
  attach<AllFiniteOp, perAny<AllFiniteOp>>(context);
  attach<ExpertOuterAddOp, expertOuterAdd>(context);
  attach<ScatterAddOp, perElement<ScatterAddOp, 1>>(context);
  attachPerInput<4, RoundOp>(context);
  attachFree<RoundGradientOp, StopGradientOp, ClipFactorOp, LossScaleOp>(context);
}

} // namespace ph::analysis
