#include "lib/Transforms/Training/Expansions.h"

using namespace mlir;

namespace ph {

using Kind = xf::CompareKind;

static SmallVector<Value> classificationLoss(Primitives &p, train::ClassificationLossOp op) {
  Value logits = op.getLogits(), labels = op.getLabels();
  // A constant, which the loss does not depend on.
  Value largest = constant(p, p.reduceLast(xf::ReduceKind::Max, logits, /*keepdims=*/true));
  Value relative = p.sub(logits, largest);
  Value column = xf::ReshapeOp::create(p, labels, {p.getI64IntegerAttr(0), p.getI64IntegerAttr(1)});
  Value chosen = p.compare(Kind::Eq, p.placesInLast(logits), column);
  Value z = p.sumLast(p.select(chosen, relative, p.number(0)));
  Value loss = p.sub(p.log(p.sumLast(p.exp(relative))), z);
  if (!op.getIgnoreIndex())
    return {p.sum(loss), p.size(labels)};
  Value counts = p.compare(Kind::Ne, labels, p.integer(int64_t(*op.getIgnoreIndex())));
  return {p.sumWhere(counts, loss), p.count(counts)};
}

static SmallVector<Value> multiLabelLoss(Primitives &p, train::MultiLabelLossOp op) {
  Value z = op.getLogits(), t = op.getTargets();
  Value yes = p.mul(t, p.logSigmoid(z)), no = p.mul(p.sub(p.number(1), t), p.logSigmoid(p.neg(z)));
  return {p.neg(p.sum(p.add(yes, no))), p.size(z)};
}

static SmallVector<Value> regressionLoss(Primitives &p, train::RegressionLossOp op) {
  Value e = p.sub(op.getPredictions(), op.getTargets()), counts;
  switch (op.getKind()) {
  case train::RegressionKind::Squared:
    counts = p.square(e);
    break;
  case train::RegressionKind::Absolute:
    counts = p.magnitude(e);
    break;
  case train::RegressionKind::Huber: {
    double delta = op.getDelta()->convertToDouble();
    Value size = p.magnitude(e), far = p.scaled(p.sub(size, p.number(delta / 2)), delta);
    counts = p.select(p.compare(Kind::Le, size, p.number(delta)), p.scaled(p.square(e), 0.5), far);
    break;
  }
  }
  return {p.sum(counts), p.size(e)};
}

void addHeadLossExpansions(Expansions &expansions) {
  expansions.add<train::ClassificationLossOp, classificationLoss>();
  expansions.add<train::MultiLabelLossOp, multiLabelLoss>();
  expansions.add<train::RegressionLossOp, regressionLoss>();
}

} // namespace ph
