#include "lib/Transforms/Training/Expansions.h"

using namespace mlir;

namespace ph {

static SmallVector<Value> sequenceLogp(Primitives &p, train::SequenceLogpOp op) {
  Value there = p.asTruth(op.getMask());
  return {p.sumLast(p.select(there, op.getLogp(), p.number(0))), p.sumLast(p.asNumbers(there))};
}

/// By how much more the policy prefers the chosen answer than its reference does.
template <class Op> static Value preference(Primitives &p, Op op) {
  return p.sub(p.sub(op.getChosen(), op.getRefChosen()), p.sub(op.getRejected(), op.getRefRejected()));
}

static SmallVector<Value> rewardLoss(Primitives &p, train::RewardLossOp op) {
  Value difference = p.sub(op.getChosen(), op.getRejected());
  if (op.getMargin())
    difference = p.sub(difference, op.getMargin());
  return {p.neg(p.sum(p.logSigmoid(difference))), p.size(difference)};
}

static SmallVector<Value> dpoLoss(Primitives &p, train::DpoLossOp op) {
  Value h = p.scaled(preference(p, op), op.getBeta().convertToDouble()), loss = p.logSigmoid(h);
  double wrong = op.getLabelSmoothing() ? op.getLabelSmoothing()->convertToDouble() : 0;
  if (wrong != 0)
    loss = p.add(p.scaled(loss, 1 - wrong), p.scaled(p.logSigmoid(p.neg(h)), wrong));
  return {p.neg(p.sum(loss)), p.size(h)};
}

static SmallVector<Value> ipoLoss(Primitives &p, train::IpoLossOp op) {
  Value e = p.sub(preference(p, op), p.number(1 / (2 * op.getBeta().convertToDouble())));
  return {p.sum(p.square(e)), p.size(e)};
}

static SmallVector<Value> simpoLoss(Primitives &p, train::SimpoLossOp op) {
  Value difference = p.scaled(p.sub(op.getChosen(), op.getRejected()), op.getBeta().convertToDouble());
  Value beyond = p.sub(difference, p.number(op.getMargin().convertToDouble()));
  return {p.neg(p.sum(p.logSigmoid(beyond))), p.size(beyond)};
}

static SmallVector<Value> orpoLoss(Primitives &p, train::OrpoLossOp op) {
  Value chosen = p.div(op.getChosen(), op.getChosenTokens()),
        rejected = p.div(op.getRejected(), op.getRejectedTokens());
  Value odds = p.sub(p.sub(chosen, rejected), p.sub(p.logOfRest(chosen), p.logOfRest(rejected)));
  Value pairs = p.size(chosen), perPair = op.getTokensPerPair();
  if (!perPair)
    perPair = p.div(p.sum(op.getChosenTokens()), pairs);
  Value likelihood = p.div(p.sum(op.getChosen()), perPair);
  Value preferred = p.scaled(p.sum(p.logSigmoid(odds)), op.getLambda().convertToDouble());
  return {p.neg(p.add(likelihood, preferred)), pairs};
}

static SmallVector<Value> ktoBaseline(Primitives &p, train::KtoBaselineOp op) {
  Value difference = p.sub(op.getPolicy(), op.getReference());
  Value mean = p.div(p.sum(difference), p.size(difference));
  return {constant(p, p.larger(p.number(0), mean))};
}

static SmallVector<Value> ktoLoss(Primitives &p, train::KtoLossOp op) {
  Value beyond = p.sub(p.sub(op.getPolicy(), op.getReference()), op.getBaseline());
  Value h = p.scaled(beyond, op.getBeta().convertToDouble());
  auto weight = [](std::optional<APFloat> given) { return given ? given->convertToDouble() : 1; };
  // 1 - σ(x) = σ(-x)
  Value desirable = p.scaled(p.sigmoid(p.neg(h)), weight(op.getDesirableWeight()));
  Value undesirable = p.scaled(p.sigmoid(h), weight(op.getUndesirableWeight()));
  Value loss = p.select(p.asTruth(op.getDesirable()), desirable, undesirable);
  return {p.sum(loss), p.size(loss)};
}

void addPreferenceLossExpansions(Expansions &expansions) {
  expansions.add<train::SequenceLogpOp, sequenceLogp>();
  expansions.add<train::RewardLossOp, rewardLoss>();
  expansions.add<train::DpoLossOp, dpoLoss>();
  expansions.add<train::IpoLossOp, ipoLoss>();
  expansions.add<train::SimpoLossOp, simpoLoss>();
  expansions.add<train::OrpoLossOp, orpoLoss>();
  expansions.add<train::KtoBaselineOp, ktoBaseline>();
  expansions.add<train::KtoLossOp, ktoLoss>();
}

} // namespace ph
