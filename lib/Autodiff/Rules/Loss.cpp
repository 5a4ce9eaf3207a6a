// Losses of labels.
#include "lib/Autodiff/Rules/Labels.h"

using namespace mlir;

namespace ph::autodiff {

Value logProbabilities(Primitives &p, Value z) {
  int64_t last = int64_t(xf::shapeOf(z).size()) - 1;
  Value centred = p.sub(z, xf::ReduceOp::create(p, xf::ReduceKind::Max, z, last));
  return p.sub(centred, p.log(sumAlong(p, p.exp(centred), last)));
}

Value whereLabeled(Primitives &p, Value labels, Value z) {
  Value numbers = xf::IotaOp::create(p, RankedTensorType::get({xf::shapeOf(z).back()}, p.getI32Type()), Value());
  SmallVector<OpFoldResult> sizes = sizesOf(p, z);
  sizes.back() = p.getI64IntegerAttr(1);
  return p.compare(xf::CompareKind::Eq, xf::ReshapeOp::create(p, labels, sizes), numbers);
}

static SmallVector<Value> spellCrossEntropy(Primitives &p, xf::CrossEntropyOp op) {
  int64_t count = xf::shapeOf(op.getLogits()).back();
  Value logp = logProbabilities(p, op.getLogits()), labels = op.getLabels();
  double smoothing = op.getSmoothing() ? op.getSmoothing()->convertToDouble() : 0;
  Value loss = p.sumLast(p.select(whereLabeled(p, labels, logp), logp, p.number(0)));
  loss = p.scaled(loss, smoothing - 1);
  if (smoothing != 0)
    loss = p.add(loss, p.scaled(p.sumLast(logp), -smoothing / double(count)));
  auto ignored = op.getIgnoreIndex();
  if (!ignored)
    return {p.div(p.sum(loss), p.size(labels))};
  SmallVector<OpFoldResult> rows = sizesOf(p, loss);
  Value own = xf::ReshapeOp::create(p, labels, rows);
  Value counted = p.compare(xf::CompareKind::Ne, own, p.integer(int64_t(*ignored)));
  return {p.div(p.sumWhere(counted, loss), p.larger(p.count(counted), p.number(1)))};
}

void registerLossRules(MLIRContext *context) { attachSpelled<xf::CrossEntropyOp, spellCrossEntropy>(context); }

} // namespace ph::autodiff
