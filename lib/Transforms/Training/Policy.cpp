#include "dialects/Transformer/Broadcast.h"
#include "lib/Transforms/Training/Expansions.h"

using namespace mlir;

namespace ph {

static SmallVector<Value> klRewards(Primitives &p, train::KlRewardsOp op) {
  Value there = p.asTruth(op.getMask()), zero = p.number(0);
  Value closeness = p.scaled(p.sub(op.getLogp(), op.getReference()), -op.getBeta().convertToDouble());
  // The last token of an answer is the one with the largest place; -1 is none.
  Value places = p.placesInLast(op.getMask());
  Value numbers = xf::CastOp::create(p, RankedTensorType::get(xf::shapeOf(places), p.getF32Type()), places);
  Value last = p.reduceLast(xf::ReduceKind::Max, p.select(there, numbers, p.number(-1)), /*keepdims=*/true);
  Value scores = xf::ReshapeOp::create(p, op.getScores(), {p.getI64IntegerAttr(0), p.getI64IntegerAttr(1)});
  Value atEnd = p.select(p.compare(xf::CompareKind::Eq, numbers, last), scores, zero);
  return {p.add(p.select(there, closeness, zero), atEnd)};
}

static SmallVector<Value> whiten(Primitives &p, train::WhitenOp op) {
  Value x = op.getInput(), there = p.asTruth(op.getMask()), zero = p.number(0), count = p.count(there);
  Value some = p.compare(xf::CompareKind::Gt, count, zero), divisor = p.select(some, count, p.number(1));
  Value centred = p.sub(x, p.div(p.sumWhere(there, x), divisor));
  Value variance = p.div(p.sumWhere(there, p.square(centred)), divisor);
  Value white = p.div(centred, p.sqrt(p.add(variance, p.number(op.getEps().convertToDouble()))));
  return {constant(p, p.select(some, white, zero))};
}

static SmallVector<Value> ppoLoss(Primitives &p, train::PpoLossOp op) {
  double clip = op.getClip().convertToDouble();
  Value ratio = p.exp(p.sub(op.getLogp(), constant(p, op.getOldLogp())));
  Value cost = p.neg(constant(p, op.getAdvantages()));
  Value clipped = p.clamp(ratio, p.number(1 - clip), p.number(1 + clip));
  Value there = p.asTruth(op.getMask()), loss = p.larger(p.mul(cost, ratio), p.mul(cost, clipped));
  return {p.sumWhere(there, loss), p.count(there)};
}

static SmallVector<Value> valueLoss(Primitives &p, train::ValueLossOp op) {
  Value clip = p.number(op.getClip().convertToDouble());
  Value old = constant(p, op.getOldValues()), returns = constant(p, op.getReturns());
  Value clipped = p.clamp(op.getValues(), p.sub(old, clip), p.add(old, clip));
  Value loss = p.larger(p.square(p.sub(op.getValues(), returns)), p.square(p.sub(clipped, returns)));
  Value there = p.asTruth(op.getMask());
  return {p.scaled(p.sumWhere(there, loss), 0.5), p.count(there)};
}

static SmallVector<Value> distillLoss(Primitives &p, train::DistillLossOp op) {
  double temperature = op.getTemperature().convertToDouble();
  Value there = p.asTruth(op.getMask());
  return {p.scaled(p.sumWhere(there, op.getKl()), temperature * temperature), p.count(there)};
}

void addPolicyExpansions(Expansions &expansions) {
  expansions.add<train::KlRewardsOp, klRewards>();
  expansions.add<train::WhitenOp, whiten>();
  expansions.add<train::PpoLossOp, ppoLoss>();
  expansions.add<train::ValueLossOp, valueLoss>();
  expansions.add<train::DistillLossOp, distillLoss>();
}

} // namespace ph
