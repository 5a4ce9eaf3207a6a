#include "lib/Transforms/Attention/FlashBackward.h"
#include "lib/Transforms/Attention/OnlineSoftmax.h"

using namespace mlir;

namespace ph {

namespace {

/// The derivatives of one op. A tile of queries goes over the keys twice: for its softmax and the mean of dy · v, then
/// for the derivatives. Those by keys and values are added to in place, a tile at a time, over all tiles of queries.
class Backward {
public:
  Backward(TileBuilder &t, xf::AttentionBackwardOp op, int64_t tileQueries, int64_t tileKeys)
      : t(t), op(op), source(AttentionSource::of(op)), scores(t, source), tileQueries(tileQueries), tileKeys(tileKeys) {
  }

  SmallVector<Value> run() {
    SmallVector<Value> zeros;
    for (Value like : {op.getQuery(), op.getKeys(), op.getValues()})
      zeros.push_back(zerosLike(like));
    // A key head of a sequence, with the heads that see it, meets no other.
    return t.forall(
        {scores.countSequences(), t.index(source.options.heads / source.group)}, {1, 1}, zeros,
        [&](ValueRange point, ValueRange sums) -> SmallVector<tensor::ExtractSliceOp> {
          int64_t width = source.group * source.headDim;
          return {t.strip(sums[0], point[0], t.times(point[1], width), width),
                  t.strip(sums[1], point[0], t.times(point[1], source.headDim), source.headDim),
                  t.strip(sums[2], point[0], t.times(point[1], source.valueDim), source.valueDim)};
        },
        [&](ValueRange point, ValueRange sums) {
          Value first = t.times(point[1], source.group);
          return t.loop(t.index(0), t.index(source.group), t.index(1), sums, [&](Value number, ValueRange sums) {
            return t.loop(t.index(0), scores.countQueries(), t.index(tileQueries), sums,
                          [&](Value from, ValueRange sums) {
                            Value count = t.count(from, scores.countQueries(), tileQueries);
                            return addTile(scores.queries(point[0], t.add(first, number), from, count),
                                           t.times(number, source.headDim), sums);
                          });
          });
        });
  }

private:
  Value zerosLike(Value like) {
    auto type = cast<RankedTensorType>(like.getType());
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(t.dim(like, i));
    return t.filled(type, sizes, t.number(0));
  }

  KeyTile keysFrom(const QueryTile &queries, Value from, Value end) {
    return scores.keys(queries, from, t.count(from, end, tileKeys));
  }

  /// dy · v: [queries, keys].
  Value innerProducts(Value gradient, const QueryTile &queries, const KeyTile &keys) {
    auto type = t.tileType({ShapedType::kDynamic, ShapedType::kDynamic});
    Value zero = t.filled(type, {queries.count, keys.count}, t.number(0));
    return t.product({gradient, {0, 2}}, {keys.values, {1, 2}}, {zero, {0, 1}});
  }

  /// Adds what a tile of queries, from that column of the first sum on, gives to the three sums.
  SmallVector<Value> addTile(const QueryTile &queries, Value queryColumn, ValueRange sums) {
    auto [first, end] = scores.reach(queries);
    Value valueColumn = t.times(queries.head, source.valueDim);
    Value gradient =
        t.rows(op.getGradient(), queries.sequence, queries.from, queries.count, valueColumn, source.valueDim);
    // Largest scores, sums of exponentials, and Σ p (dy · v).
    SmallVector<Value> rows =
        t.loop(first, end, t.index(tileKeys),
               {startLargest(t, queries.count, queries.sink), startSum(t, queries.count, queries.sink),
                startSum(t, queries.count, Value())},
               [&](Value from, ValueRange carried) -> SmallVector<Value> {
                 KeyTile keys = keysFrom(queries, from, end);
                 Value score = scores.scores(queries, keys, scores.products(queries, keys));
                 Risen risen = rise(t, carried[0], score);
                 Value weights = exponentials(t, score, risen.largest);
                 Value inner = innerProducts(gradient, queries, keys);
                 return {risen.largest, addRows(t, weights, scaleRows(t, carried[1], risen.shrink)),
                         t.product({weights, {0, 1}}, {inner, {0, 1}}, {scaleRows(t, carried[2], risen.shrink), {0}})};
               });
    Value mean = divideRows(t, rows[2], rows[1]);

    auto type = t.tileType({ShapedType::kDynamic, source.headDim});
    Value zero = t.filled(type, queries.count, t.number(0));
    SmallVector<Value> added =
        t.loop(first, end, t.index(tileKeys), {zero, sums[1], sums[2]},
               [&](Value from, ValueRange carried) -> SmallVector<Value> {
                 KeyTile keys = keysFrom(queries, from, end);
                 Value products = scores.products(queries, keys), score = scores.scores(queries, keys, products);
                 Value weights = divideRows(t, exponentials(t, score, rows[0]), rows[1]);
                 Value d = derivatives(weights, innerProducts(gradient, queries, keys), mean, scores.slopes(products));
                 return {t.product({d, {0, 1}}, {keys.keys, {1, 2}}, {carried[0], {0, 2}}),
                         addRowsOf(carried[1], keys, d, queries.tile, source.headDim),
                         addRowsOf(carried[2], keys, weights, gradient, source.valueDim)};
               });
    Value whole = t.putRows(added[0], sums[0], t.index(0), queries.from, queries.count, queryColumn, source.headDim);
    return {whole, added[1], added[2]};
  }

  /// scale · p (dy · v - mean), times the slopes where there are some.
  Value derivatives(Value weights, Value inner, Value mean, Value slopes) {
    SmallVector<Indexed> inputs = {{weights, {0, 1}}, {inner, {0, 1}}, {mean, {0}}};
    if (slopes)
      inputs.push_back({slopes, {0, 1}});
    return t.each(inputs, weights, [&](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
      Value scale = arith::ConstantOp::create(b, b.getF32FloatAttr(float(source.options.scale)));
      Value d = arith::MulFOp::create(b, e[0], arith::SubFOp::create(b, e[1], e[2]));
      if (slopes)
        d = arith::MulFOp::create(b, d, e[3]);
      return arith::MulFOp::create(b, d, scale);
    });
  }

  /// Adds factorsᵀ · rows to the rows of `sum` that belong to the keys.
  Value addRowsOf(Value sum, const KeyTile &keys, Value factors, Value rows, int64_t columns) {
    Value zero = t.index(0), before = t.rows(sum, zero, keys.from, keys.count, zero, columns);
    Value after = t.product({factors, {0, 1}}, {rows, {0, 2}}, {before, {1, 2}});
    return t.putRows(after, sum, zero, keys.from, keys.count, zero, columns);
  }

  TileBuilder &t;
  xf::AttentionBackwardOp op;
  AttentionSource source;
  ScoreTiles scores;
  int64_t tileQueries, tileKeys;
};

} // namespace

SmallVector<Value> deriveByTiles(TileBuilder &t, xf::AttentionBackwardOp op, int64_t tileQueries, int64_t tileKeys) {
  return Backward(t, op, tileQueries, tileKeys).run();
}

} // namespace ph
