#include "lib/Transforms/Attention/FlashBackward.h"
#include "lib/Transforms/Attention/OnlineSoftmax.h"
#include "powerhouse/Transforms/Attention/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FLASHATTENTIONPASS
#include "lib/Transforms/Attention/Passes.h.inc"

namespace {

/// The weighted values of a tile of queries, with its keys gone over once, in the place of `into`.
Value attendTile(TileBuilder &t, ScoreTiles &scores, const QueryTile &queries, int64_t valueDim, int64_t keysOfTile,
                 Value into) {
  auto [first, end] = scores.reach(queries);
  Value zero = t.filled(t.tileType({ShapedType::kDynamic, valueDim}), queries.count, t.number(0));
  SmallVector<Value> carried = t.loop(
      first, end, t.index(keysOfTile),
      {startLargest(t, queries.count, queries.sink), startSum(t, queries.count, queries.sink), zero},
      [&, end = end](Value from, ValueRange carried) -> SmallVector<Value> {
        KeyTile keys = scores.keys(queries, from, t.count(from, end, keysOfTile));
        Value score = scores.scores(queries, keys, scores.products(queries, keys));
        Risen risen = rise(t, carried[0], score);
        Value weights = exponentials(t, score, risen.largest);
        return {risen.largest, addRows(t, weights, scaleRows(t, carried[1], risen.shrink)),
                t.product({weights, {0, 2}}, {keys.values, {2, 1}}, {scaleRows(t, carried[2], risen.shrink), {0, 1}})};
      });
  return divideRows(t, carried[2], carried[1], into);
}

Value attendByTiles(TileBuilder &t, xf::AttentionOp op, int64_t queriesOfTile, int64_t keysOfTile) {
  AttentionSource source = AttentionSource::of(t.builder(), op);
  ScoreTiles scores(t, source);
  RankedTensorType type = xf::withFormat(op.getResult().getType(), {});
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < 2; ++i)
    if (type.isDynamicDim(i))
      sizes.push_back(t.dim(source.query, i));
  Value empty = tensor::EmptyOp::create(t.builder(), type, sizes), sequence = scores.countQueries(), count;
  return t.forall(
      {scores.countSequences(), scores.countHeads(), sequence}, {1, 1, queriesOfTile}, empty,
      [&](ValueRange point, ValueRange whole) -> SmallVector<tensor::ExtractSliceOp> {
        count = t.count(point[2], sequence, queriesOfTile);
        Value rows = t.rows(whole[0], point[0], point[2], count, t.times(point[1], source.valueDim), source.valueDim);
        return {rows.getDefiningOp<tensor::ExtractSliceOp>()};
      },
      [&](ValueRange point, ValueRange into) -> SmallVector<Value> {
        QueryTile queries = scores.queries(point[0], point[1], point[2], count);
        return {attendTile(t, scores, queries, source.valueDim, keysOfTile, into[0])};
      })[0];
}

struct FlashAttentionPass final : impl::FlashAttentionPassBase<FlashAttentionPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    if (tileQueries < 1 || tileKeys < 1)
      return emitError(UnknownLoc::get(context)) << "expects tile-queries and tile-keys of at least 1, but got "
                                                 << int64_t(tileQueries) << " and " << int64_t(tileKeys);
    return success();
  }

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<xf::AttentionOp, xf::AttentionBackwardOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      rewrite(op);
  }

private:
  void rewrite(Operation *op) {
    if (std::string reason = refusalOfTiles(op); !reason.empty())
      return remarkRefused(op, getArgument(), reason);
    auto options = isa<xf::AttentionOp>(op) ? xf::AttentionOptions::of(cast<xf::AttentionOp>(op))
                                            : xf::AttentionOptions::of(cast<xf::AttentionBackwardOp>(op));
    OpBuilder builder(op);
    TileBuilder t(builder, op->getLoc());
    remarkDone(op, getArgument(), "tiles of " + Twine(tileQueries) + " queries and " + Twine(tileKeys) + " keys");
    if (auto attention = dyn_cast<xf::AttentionOp>(op)) {
      Value result = attendByTiles(t, attention, tileQueries, tileKeys);
      if (xf::getFormat(attention.getResult().getType()))
        result = xf::EncodeOp::create(t.builder(), attention.getResult().getType(), result);
      op->replaceAllUsesWith(ValueRange(result));
    } else {
      op->replaceAllUsesWith(deriveByTiles(t, cast<xf::AttentionBackwardOp>(op), tileQueries, tileKeys));
    }
    op->erase();
    // The whole of a bias by distance is what tiles needn't hold.
    if (auto bias = options.bias ? options.bias.getDefiningOp<xf::RelativePositionBiasOp>() : nullptr;
        bias && bias->use_empty())
      bias.erase();
    ++rewritten;
  }
};

} // namespace
} // namespace ph
