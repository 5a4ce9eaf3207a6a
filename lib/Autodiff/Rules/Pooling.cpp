// One row for each sequence.
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {

/// Lower than what is pooled, and finite.
static constexpr double kLowest = -3e38;

static SmallVector<Value> spellPool(Primitives &p, xf::PoolOp op) {
  Value x = op.getInput();
  SmallVector<OpFoldResult> sizes = sizesOf(p, x), rows = {sizes[1], p.getI64IntegerAttr(1)};
  auto known = getConstantIntValue(sizes[1]);
  auto type = RankedTensorType::get({known.value_or(ShapedType::kDynamic)}, p.getF32Type());
  Value place = xf::IotaOp::create(p, type, known ? Value() : cast<Value>(sizes[1]));
  place = xf::ReshapeOp::create(p, place, rows); // [sequence, 1]
  Value valid;                                   // [batch, sequence, 1]
  if (op.getValid())
    valid = p.asTruth(xf::ReshapeOp::create(p, op.getValid(), {sizes[0], sizes[1], p.getI64IntegerAttr(1)}));
  else
    valid = p.compare(xf::CompareKind::Eq, place, place);
  auto along = [&](xf::ReduceKind kind, Value value, bool keep) -> Value {
    return xf::ReduceOp::create(p, kind, value, int64_t(xf::shapeOf(value).size()) - 2, keep);
  };
  auto sumWhere = [&](Value chosen) { return along(xf::ReduceKind::Sum, p.select(chosen, x, p.number(0)), false); };
  Value count = along(xf::ReduceKind::Sum, p.asNumbers(valid), false);
  switch (op.getKind()) {
  case xf::Pooling::Cls:
  case xf::Pooling::Last: {
    bool first = op.getKind() == xf::Pooling::Cls;
    Value none = p.number(first ? 1e30 : -1);
    Value chosen = along(first ? xf::ReduceKind::Min : xf::ReduceKind::Max, p.select(valid, place, none), true);
    return {as(p, sumWhere(p.compare(xf::CompareKind::Eq, place, chosen)), op.getResult().getType())};
  }
  case xf::Pooling::Mean:
    return {as(p, p.div(sumWhere(valid), p.larger(count, p.number(1))), op.getResult().getType())};
  case xf::Pooling::Max: {
    Value most = along(xf::ReduceKind::Max, p.select(valid, x, p.number(kLowest)), false);
    Value any = p.compare(xf::CompareKind::Gt, count, p.number(0));
    return {as(p, p.select(any, most, p.number(0)), op.getResult().getType())};
  }
  }
  llvm_unreachable("all kinds are listed");
}

void registerPoolingRules(MLIRContext *context) { attachSpelled<xf::PoolOp, spellPool>(context); }

} // namespace ph::autodiff
