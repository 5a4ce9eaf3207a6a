// Biases of attention that depend on how far apart two positions are.
#include "Lowering.h"

using namespace mlir;

namespace ph::conversion {

/// Buckets of longer distances than this would make a table of their own size.
static constexpr int64_t kMostDistance = int64_t(1) << 20;

/// The bucket of each distance up to the largest, beyond which all are in the last.
static Value bucketTable(Lowering &l, xf::RelativePositionBiasOp op) {
  SmallVector<int32_t> buckets;
  for (int64_t distance = 0; distance <= int64_t(op.getMaxDistance()); ++distance)
    buckets.push_back(int32_t(op.getBucket(-distance)));
  auto type = RankedTensorType::get({int64_t(buckets.size())}, l.s.getI32Type());
  return arith::ConstantOp::create(l.s, DenseElementsAttr::get(type, ArrayRef<int32_t>(buckets)));
}

/// The positions of the sequence that is furthest: which they are depends on values, so tiles should be made instead.
static OpFoldResult farthest(Lowering &l, Value past, OpFoldResult sequence) {
  Value most =
      l.reduced({}, l.s.i32(0), 1, l.whole(past), [](ScalarBuilder &s, ValueRange e) { return s.max(e[1], e[0]); });
  return l.add(l.s.toIndex(l.s.at(most, ValueRange())), sequence);
}

/// Whether a slice is of one head of one sequence.
static bool isOfOneHead(tensor::ExtractSliceOp slice) {
  return slice && slice.hasUnitStride() && slice.getType().getRank() == 2 &&
         getConstantIntValue(slice.getMixedSizes()[0]) == 1 && getConstantIntValue(slice.getMixedSizes()[1]) == 1;
}

static LogicalResult relativePositionBias(Lowering &l, xf::RelativePositionBiasOp op) {
  if (int64_t(op.getMaxDistance()) > kMostDistance)
    return op.emitOpError() << "expects a max_distance of at most " << kMostDistance << ", but got "
                            << op.getMaxDistance();
  Value table = l.of(op.getTable()), buckets = bucketTable(l, op), past = op.getPast() ? l.of(op.getPast()) : Value();
  // The past of a tile is a number.
  auto one = past ? past.getDefiningOp<linalg::FillOp>() : linalg::FillOp();
  Value onlyPast = one ? one.value() : Value();
  int64_t half = op.getTable().getType().getDimSize(0) / 2;
  bool bidirectional = op.getBidirectional();
  int64_t most = op.getMaxDistance();
  auto bias = [=](ScalarBuilder &s, Value sequence, Value head, Value query, Value key) -> Value {
    Value distance = s.sub(key, query), zero = s.index(0), last = s.index(most);
    if (past)
      distance = s.sub(distance, s.toIndex(onlyPast ? onlyPast : s.at(past, sequence)));
    Value before = s.max(s.sub(zero, distance), zero);
    if (!bidirectional)
      return s.at(table, {s.toIndex(s.at(buckets, s.min(before, last))), head});
    Value away = s.max(before, distance), bucket = s.toIndex(s.at(buckets, s.min(away, last)));
    Value after = s.compare(xf::CompareKind::Gt, distance, zero);
    return s.at(table, {s.select(after, s.add(bucket, s.index(half)), bucket), head});
  };
  auto whole = [&](Value tensor) { return l.sizesOf(l.of(tensor)); };
  Sizes query = whole(op.getQuery());
  OpFoldResult positions = op.getKeys() ? whole(op.getKeys())[1] : past ? farthest(l, past, query[1]) : query[1];
  Sizes sizes = {past ? query[0] : l.attribute(1), l.sizeOf(table, 1), query[1], positions};
  bool byHeads =
      llvm::all_of(op->getUsers(), [](Operation *user) { return isOfOneHead(dyn_cast<tensor::ExtractSliceOp>(user)); });
  if (!byHeads) {
    l.give(op.getResult(), l.each(sizes, l.s.getF32Type(), {}, [&](ScalarBuilder &s, ValueRange) {
      return bias(s, s.loop(0), s.loop(1), s.loop(2), s.loop(3));
    }));
    return success();
  }
  // A tile makes those of its head alone.
  l.give(op.getResult(), l.empty(sizes, l.s.getF32Type()));
  l.views[op.getResult()] = [bias, &l](const Part &part) {
    SmallVector<Value> first = llvm::map_to_vector(part.offsets, [&](OpFoldResult offset) { return l.index(offset); });
    return l.each({part.sizes[2], part.sizes[3]}, l.s.getF32Type(), {}, [&](ScalarBuilder &s, ValueRange) {
      return bias(s, first[0], first[1], s.add(first[2], s.loop(0)), s.add(first[3], s.loop(1)));
    });
  };
  return success();
}

void addRelativePosition(Handlers &handlers) { handlers.add<xf::RelativePositionBiasOp, relativePositionBias>(); }

} // namespace ph::conversion
