#include "lib/Transforms/Attention/OnlineSoftmax.h"
#include "lib/Transforms/Attention/ScoreTiles.h"
#include "powerhouse/Transforms/Attention/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_SPLITKVPASS
#include "lib/Transforms/Attention/Passes.h.inc"

namespace {

/// Attention of all queries of a sequence as one tile, over parts of the keys.
class SplitAttention {
public:
  SplitAttention(TileBuilder &t, xf::AttentionOp op, int64_t parts, int64_t keysOfTile)
      : t(t), op(op), source(AttentionSource::of(t.builder(), op)), scores(t, source), parts(parts),
        tileKeys(t.index(keysOfTile)) {}

  Value run() {
    RankedTensorType type = xf::withFormat(op.getResult().getType(), {});
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < 2; ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(t.dim(source.query, i));
    Value empty = tensor::EmptyOp::create(t.builder(), type, sizes), zero = t.index(0), one = t.index(1);
    return t.loop(zero, scores.countSequences(), one, empty, [&](Value b, ValueRange result) {
      return t.loop(zero, scores.countHeads(), one, result, [&](Value h, ValueRange result) -> SmallVector<Value> {
        Value count = scores.countQueries();
        QueryTile queries = scores.queries(b, h, zero, count);
        Value y = combine(queries, attendParts(queries));
        return {t.putRows(y, result[0], b, zero, count, t.times(h, source.valueDim), source.valueDim)};
      });
    })[0];
  }

private:
  /// Largest scores and sums of each part, [queries, parts], and its weighted values, [parts, queries, value_head_dim].
  SmallVector<Value> attendParts(const QueryTile &queries) {
    ImplicitLocOpBuilder &b = t.builder();
    auto [first, end] = scores.reach(queries);
    Value length = arith::CeilDivSIOp::create(b, t.sub(end, first), t.index(parts));
    auto rows = t.tileType({ShapedType::kDynamic, parts});
    auto weighted = t.tileType({parts, ShapedType::kDynamic, source.valueDim});
    SmallVector<Value> states = {tensor::EmptyOp::create(b, rows, queries.count),
                                 tensor::EmptyOp::create(b, rows, queries.count),
                                 tensor::EmptyOp::create(b, weighted, queries.count)};
    return t.loop(t.index(0), t.index(parts), t.index(1), states,
                  [&, first = first, end = end](Value part, ValueRange states) -> SmallVector<Value> {
                    Value from = t.add(first, arith::MulIOp::create(b, part, length));
                    SmallVector<Value> state = attend(queries, from, t.min(end, t.add(from, length)));
                    return {
                        putColumn(state[0], states[0], part, queries.count),
                        putColumn(state[1], states[1], part, queries.count),
                        t.putRows(state[2], states[2], part, t.index(0), queries.count, t.index(0), source.valueDim)};
                  });
  }

  /// One part: its largest scores, sums and weighted values. A sink counts once, when parts are combined.
  SmallVector<Value> attend(const QueryTile &queries, Value first, Value end) {
    Value zero = t.filled(t.tileType({ShapedType::kDynamic, source.valueDim}), queries.count, t.number(0));
    return t.loop(first, end, tileKeys,
                  {startLargest(t, queries.count, Value()), startSum(t, queries.count, Value()), zero},
                  [&](Value from, ValueRange carried) -> SmallVector<Value> {
                    KeyTile keys = scores.keys(queries, from, t.min(tileKeys, t.sub(end, from)));
                    Value score = scores.scores(queries, keys, scores.products(queries, keys));
                    Risen risen = rise(t, carried[0], score);
                    Value weights = exponentials(t, score, risen.largest);
                    return {risen.largest, addRows(t, weights, scaleRows(t, carried[1], risen.shrink)),
                            t.product({weights, {0, 2}}, {keys.values, {2, 1}},
                                      {scaleRows(t, carried[2], risen.shrink), {0, 1}})};
                  });
  }

  /// The result of all parts: each counts by how its largest score compares.
  Value combine(const QueryTile &queries, ArrayRef<Value> states) {
    Risen risen = rise(t, startLargest(t, queries.count, queries.sink), states[0]);
    Value weights = exponentials(t, states[0], risen.largest);
    Value before = scaleRows(t, startSum(t, queries.count, queries.sink), risen.shrink);
    Value sum = t.product({weights, {0, 1}}, {states[1], {0, 1}}, {before, {0}});
    Value zero = t.filled(t.tileType({ShapedType::kDynamic, source.valueDim}), queries.count, t.number(0));
    return divideRows(t, t.product({weights, {0, 2}}, {states[2], {2, 0, 1}}, {zero, {0, 1}}), sum);
  }

  Value putColumn(Value column, Value into, Value part, Value count) {
    ImplicitLocOpBuilder &b = t.builder();
    SmallVector<OpFoldResult> offsets = {b.getIndexAttr(0), part}, sizes = {count, b.getIndexAttr(1)},
                              strides(2, b.getIndexAttr(1));
    return tensor::InsertSliceOp::create(b, column, into, offsets, sizes, strides);
  }

  TileBuilder &t;
  xf::AttentionOp op;
  AttentionSource source;
  ScoreTiles scores;
  int64_t parts;
  Value tileKeys;
};

struct SplitKvPass final : impl::SplitKvPassBase<SplitKvPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    if (parts < 1 || tileKeys < 1)
      return emitError(UnknownLoc::get(context))
             << "expects parts and tile-keys of at least 1, but got " << int64_t(parts) << " and " << int64_t(tileKeys);
    return success();
  }

  void runOnOperation() override {
    SmallVector<xf::AttentionOp> ops;
    getOperation()->walk([&](xf::AttentionOp op) { ops.push_back(op); });
    for (xf::AttentionOp op : ops)
      split(op);
  }

private:
  void split(xf::AttentionOp op) {
    if (std::string reason = refusalOfTiles(op); !reason.empty())
      return remarkRefused(op, getArgument(), reason);
    int64_t queries = op.getQuery().getType().getDimSize(1);
    if (!ShapedType::isDynamic(queries) && queries > maxQueries)
      return remarkRefused(op, getArgument(), "there are more than " + Twine(maxQueries) + " queries");
    remarkDone(op, getArgument(), "keys in " + Twine(parts) + " parts");
    ++changed;
    OpBuilder builder(op);
    if (!ShapedType::isDynamic(queries)) {
      op.getResult().replaceAllUsesWith(emit(builder, op));
      op.erase();
      return;
    }
    TileBuilder t(builder, op.getLoc());
    Value few =
        arith::CmpIOp::create(t.builder(), arith::CmpIPredicate::sle, t.dim(op.getQuery(), 1), t.index(maxQueries));
    auto choice = scf::IfOp::create(t.builder(), op->getResultTypes(), few, /*withElseRegion=*/true);
    op.getResult().replaceAllUsesWith(choice.getResult(0));
    OpBuilder then = choice.getThenBodyBuilder(), otherwise = choice.getElseBodyBuilder();
    Value result = emit(then, op);
    scf::YieldOp::create(then, op.getLoc(), result);
    op->moveBefore(choice.elseBlock(), choice.elseBlock()->end());
    otherwise.setInsertionPointAfter(op);
    scf::YieldOp::create(otherwise, op.getLoc(), op.getResult());
  }

  Value emit(OpBuilder &builder, xf::AttentionOp op) {
    TileBuilder t(builder, op.getLoc());
    Value result = SplitAttention(t, op, parts, tileKeys).run();
    if (xf::getFormat(op.getResult().getType()))
      return xf::EncodeOp::create(t.builder(), op.getResult().getType(), result);
    return result;
  }
};

} // namespace
} // namespace ph
