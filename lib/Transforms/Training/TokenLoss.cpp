#include "lib/Transforms/Training/Expansions.h"

using namespace mlir;

namespace ph {

static SmallVector<Value> lmLoss(Primitives &p, train::LmLossOp op) {
  if (!op.getIgnoreIndex())
    return {p.neg(p.sum(op.getLogp())), p.size(op.getLabels())};
  Value counts = p.compare(xf::CompareKind::Ne, op.getLabels(), p.integer(int64_t(*op.getIgnoreIndex())));
  return {p.neg(p.sumWhere(counts, op.getLogp())), p.count(counts)};
}

void addTokenLossExpansions(Expansions &expansions) { expansions.add<train::LmLossOp, lmLoss>(); }

} // namespace ph
