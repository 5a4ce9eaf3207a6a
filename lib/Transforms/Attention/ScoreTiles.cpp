#include "lib/Transforms/Attention/ScoreTiles.h"
#include <cmath>

using namespace mlir;

namespace ph {

/// What forward and backward ops have alike.
template <class Op> static AttentionSource sourceOf(Op op) {
  AttentionSource source;
  source.query = op.getQuery();
  source.keys = op.getKeys();
  source.values = op.getValues();
  source.options = xf::AttentionOptions::of(op);
  source.headDim = op.getHeadDim();
  source.valueDim = op.getValueHeadDim();
  source.group = source.options.heads / op.getKeyHeads();
  return source;
}

AttentionSource AttentionSource::of(ImplicitLocOpBuilder &b, xf::AttentionOp op) {
  AttentionSource source = sourceOf(op);
  if (auto cache = op.getCache()) {
    xf::CacheType type = cache.getType();
    auto rows = RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic, type.getHeads() * type.getHeadDim()},
                                      b.getF32Type());
    source.keys = xf::CacheKeysOp::create(b, rows, cache, op.getLayer());
    source.values = xf::CacheValuesOp::create(b, rows, cache, op.getLayer());
    source.past = op.getPast();
  }
  if (xf::RopeAttr rope = op.getRopeAttr(); rope && rope.dependsOnLength()) {
    // The largest position of a tile is not that of all.
    auto rotate = [&](Value tensor, int64_t heads) -> Value {
      return xf::RopeOp::create(b, tensor.getType(), tensor, op.getPositions(), heads, rope);
    };
    source.query = rotate(source.query, op.getHeads());
    if (!source.past)
      source.keys = rotate(source.keys, op.getKeyHeads());
  } else {
    source.positions = op.getPositions();
    source.rope = rope;
  }
  return source;
}

AttentionSource AttentionSource::of(xf::AttentionBackwardOp op) { return sourceOf(op); }

std::string refusalOfTiles(Operation *op) {
  for (Value operand : op->getOperands())
    if (xf::isActivation(operand.getType()) && xf::getFormat(operand.getType()))
      return "an operand is encoded";
  return "";
}

/// Rows that are rotated as they are cut out: the whole is never rotated at once.
Value ScoreTiles::rotated(Value tensor, Value sequence, Value from, Value count, Value column) {
  if (!source.rope)
    return t.rows(tensor, sequence, from, count, column, source.headDim);
  ImplicitLocOpBuilder &b = t.builder();
  auto type = RankedTensorType::get({1, ShapedType::kDynamic, source.headDim}, b.getF32Type());
  auto tokens = RankedTensorType::get({1, ShapedType::kDynamic}, b.getI32Type());
  SmallVector<OpFoldResult> offsets = {sequence, from, column},
                            sizes = {b.getIndexAttr(1), count, b.getIndexAttr(source.headDim)},
                            strides(3, b.getIndexAttr(1));
  Value rows = tensor::ExtractSliceOp::create(b, type, tensor, offsets, sizes, strides);
  Value positions = tensor::ExtractSliceOp::create(b, tokens, source.positions, ArrayRef(offsets).take_front(2),
                                                   ArrayRef(sizes).take_front(2), ArrayRef(strides).take_front(2));
  Value turned = xf::RopeOp::create(b, type, rows, positions, /*heads=*/1, source.rope);
  return tensor::CollapseShapeOp::create(b, turned, SmallVector<ReassociationIndices>{{0, 1}, {2}});
}

QueryTile ScoreTiles::queries(Value sequence, Value head, Value from, Value count) {
  ImplicitLocOpBuilder &b = t.builder();
  const xf::AttentionOptions &options = source.options;
  QueryTile tile = {sequence, head, from, count};
  tile.keyHead = source.group == 1 ? head : arith::DivSIOp::create(b, head, t.index(source.group)).getResult();
  tile.position = source.past ? t.add(from, t.entry(source.past, sequence)) : from;
  if (options.prefix)
    tile.prefix = t.entry(options.prefix, sequence);
  if (options.alibi) {
    SmallVector<float> slopes =
        llvm::map_to_vector(options.alibi.getSlopes(options.heads), [](double x) { return float(x); });
    auto type = RankedTensorType::get({options.heads}, b.getF32Type());
    Value table = arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<float>(slopes)));
    tile.slope = tensor::ExtractOp::create(b, table, head);
  }
  if (options.sinks)
    tile.sink = tensor::ExtractOp::create(b, options.sinks, head);
  tile.tile = rotated(source.query, sequence, from, count, t.times(head, source.headDim));
  return tile;
}

KeyTile ScoreTiles::keys(const QueryTile &queries, Value from, Value count) {
  Value column = t.times(queries.keyHead, source.headDim);
  // Keys in a cache, which has a past, are used as they are.
  Value tile = source.past ? t.rows(source.keys, queries.sequence, from, count, column, source.headDim)
                           : rotated(source.keys, queries.sequence, from, count, column);
  return {
      from, count, tile,
      t.rows(source.values, queries.sequence, from, count, t.times(queries.keyHead, source.valueDim), source.valueDim)};
}

std::pair<Value, Value> ScoreTiles::reach(const QueryTile &queries) {
  const xf::AttentionOptions &options = source.options;
  Value first = t.index(0), end = countKeys();
  Value afterQueries = t.add(queries.position, queries.count);
  if (options.mask == xf::Mask::Causal)
    end = t.min(end, queries.prefix ? t.max(afterQueries, queries.prefix) : afterQueries);
  if (options.window && !options.prefix && !options.keep) {
    // The first query's window begins first, the last one's, where it reaches forward, ends last.
    first = t.max(first, t.sub(queries.position, t.index(*options.window - 1)));
    if (options.mask == xf::Mask::None)
      end = t.min(end, t.add(afterQueries, t.index(*options.window - 1)));
  }
  return {first, end};
}

Value ScoreTiles::products(const QueryTile &queries, const KeyTile &keys) {
  auto type = t.tileType({ShapedType::kDynamic, ShapedType::kDynamic});
  Value zero = t.filled(type, {queries.count, keys.count}, t.number(0));
  Value product = t.product({queries.tile, {0, 2}}, {keys.keys, {1, 2}}, {zero, {0, 1}});
  return t.each({{product, {0, 1}}}, product, [&](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
    Value scale = arith::ConstantOp::create(b, b.getF32FloatAttr(float(source.options.scale)));
    return arith::MulFOp::create(b, e[0], scale);
  });
}

/// Biases by distance, made for a tile alone: row 0 of it is `past` positions after column 0.
static Value biasesOfDistances(TileBuilder &t, xf::RelativePositionBiasOp op, const QueryTile &queries,
                               const KeyTile &keys) {
  ImplicitLocOpBuilder &b = t.builder();
  Value past = t.sub(queries.from, keys.from);
  if (op.getPast())
    past = t.add(past, t.entry(op.getPast(), queries.sequence));
  Value integer = arith::IndexCastOp::create(b, b.getI32Type(), past);
  Value pasts = tensor::SplatOp::create(b, integer, RankedTensorType::get({1}, b.getI32Type()));
  // The op wants to know only how many queries and keys there are.
  auto extent = [&](Value count) -> Value {
    return tensor::EmptyOp::create(b, t.tileType({1, ShapedType::kDynamic, 1}), count);
  };
  auto type = t.tileType({1, op.getTable().getType().getDimSize(1), ShapedType::kDynamic, ShapedType::kDynamic});
  return xf::RelativePositionBiasOp::create(b, type, op.getTable(), extent(queries.count), extent(keys.count), pasts,
                                            op.getMaxDistanceAttr(), op.getBidirectionalAttr());
}

/// The part of the bias that is added to a tile: [queries, keys].
Value ScoreTiles::biases(const QueryTile &queries, const KeyTile &keys) {
  ImplicitLocOpBuilder &b = t.builder();
  Value bias = source.options.bias, zero = t.index(0), row = queries.from, column = keys.from;
  // A dimension of 1 is of all sequences, or of all heads.
  auto place = [&](Value index, int64_t dim) { return t.min(index, t.sub(t.dim(bias, dim), t.index(1))); };
  Value sequence, head;
  if (auto distances = bias.getDefiningOp<xf::RelativePositionBiasOp>()) {
    bias = biasesOfDistances(t, distances, queries, keys);
    sequence = row = column = zero;
    head = queries.head;
  } else {
    sequence = place(queries.sequence, 0);
    head = place(queries.head, 1);
  }
  SmallVector<OpFoldResult> offsets = {sequence, head, row, column},
                            sizes = {b.getIndexAttr(1), b.getIndexAttr(1), queries.count, keys.count},
                            strides(4, b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, t.tileType({ShapedType::kDynamic, ShapedType::kDynamic}), bias, offsets,
                                        sizes, strides);
}

Value ScoreTiles::scores(const QueryTile &queries, const KeyTile &keys, Value products) {
  const xf::AttentionOptions &options = source.options;
  SmallVector<Indexed> inputs = {{products, {0, 1}}};
  auto take = [&](Value tile, ArrayRef<unsigned> loops) {
    inputs.push_back({tile, SmallVector<unsigned>(loops)});
    return inputs.size() - 1;
  };
  size_t bias = options.bias ? take(biases(queries, keys), {0, 1}) : 0, queryDocument = 0, keyDocument = 0, valid = 0;
  if (options.documents) {
    queryDocument = take(t.entries(options.documents, queries.sequence, queries.from, queries.count), {0});
    keyDocument = take(t.entries(options.documents, queries.sequence, keys.from, keys.count), {1});
  }
  if (options.valid)
    valid = take(t.entries(options.valid, queries.sequence, keys.from, keys.count), {1});
  bool causal = options.mask == xf::Mask::Causal;

  return t.each(inputs, products, [&](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
    using Integers = arith::CmpIPredicate;
    auto number = [&](double x) -> Value { return arith::ConstantOp::create(b, b.getF32FloatAttr(float(x))); };
    auto compare = [&](Integers predicate, Value x, Value y) -> Value {
      return arith::CmpIOp::create(b, predicate, x, y);
    };
    auto both = [&](Value x, Value y) { return x ? arith::AndIOp::create(b, x, y).getResult() : y; };
    Value score = e[0], seen;
    if (options.softCap) {
      Value ratio = arith::DivFOp::create(b, score, number(*options.softCap));
      score = arith::MulFOp::create(b, math::TanhOp::create(b, ratio), number(*options.softCap));
    }
    if (bias)
      score = arith::AddFOp::create(b, score, e[bias]);
    if (causal || options.window || options.alibi) {
      Value i = arith::AddIOp::create(b, linalg::IndexOp::create(b, 0), queries.position);
      Value j = arith::AddIOp::create(b, linalg::IndexOp::create(b, 1), keys.from);
      Value before = arith::SubIOp::create(b, i, j), after = arith::SubIOp::create(b, j, i);
      if (options.alibi) {
        Value distance =
            arith::SIToFPOp::create(b, b.getF32Type(), arith::IndexCastOp::create(b, b.getI64Type(), after));
        score = arith::AddFOp::create(b, score, arith::MulFOp::create(b, queries.slope, distance));
      }
      if (causal)
        seen = compare(Integers::sle, j, i);
      if (options.window) {
        Value window = arith::ConstantIndexOp::create(b, *options.window);
        Value near = compare(Integers::slt, before, window);
        if (options.keep) {
          Value kept = arith::ConstantIndexOp::create(b, *options.keep);
          near = arith::OrIOp::create(b, near, compare(Integers::slt, j, kept));
        }
        seen = both(seen, near);
        if (!causal)
          seen = both(seen, compare(Integers::slt, after, window));
      }
      if (options.prefix) {
        Value inside = both(compare(Integers::slt, i, queries.prefix), compare(Integers::slt, j, queries.prefix));
        seen = arith::OrIOp::create(b, seen, inside);
      }
    }
    if (options.documents)
      seen = both(seen, compare(Integers::eq, e[queryDocument], e[keyDocument]));
    if (options.valid) {
      Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
      seen = both(seen, compare(Integers::ne, e[valid], zero));
    }
    return seen ? arith::SelectOp::create(b, seen, score, number(-INFINITY)).getResult() : score;
  });
}

Value ScoreTiles::slopes(Value products) {
  if (!source.options.softCap)
    return {};
  return t.each({{products, {0, 1}}}, products, [&](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
    Value cap = arith::ConstantOp::create(b, b.getF32FloatAttr(float(*source.options.softCap)));
    Value one = arith::ConstantOp::create(b, b.getF32FloatAttr(1));
    Value tanh = math::TanhOp::create(b, arith::DivFOp::create(b, e[0], cap));
    return arith::SubFOp::create(b, one, arith::MulFOp::create(b, tanh, tanh));
  });
}

} // namespace ph
