#include "lib/Autodiff/Rules/AttentionSpelled.h"
#include "lib/Autodiff/Rules/Rope.h"

using namespace mlir;

namespace ph::autodiff {
namespace {

/// Lower than any score, and finite, so that no derivative is infinite.
constexpr double kHidden = -1e30;

/// Attention with H heads over G key heads of sequences of s queries and t keys. Scores are [batch, H, s, t].
class SpelledAttention {
public:
  SpelledAttention(Primitives &p, xf::AttentionOp op)
      : p(p), op(op), options(xf::AttentionOptions::of(op)), query(op.getQuery()), keys(op.getKeys()),
        keyHeads(op.getKeyHeads()) {
    batch = sizesOf(p, query)[0];
    queries = sizesOf(p, query)[1];
    positions = sizesOf(p, keys)[1];
    if (xf::RopeAttr rope = op.getRopeAttr()) {
      query = rotate(p, query, op.getPositions(), options.heads, rope);
      keys = rotate(p, keys, op.getPositions(), keyHeads, rope);
    }
  }

  Value run() {
    int64_t headDim = op.getHeadDim(), valueDim = op.getValueHeadDim();
    // [batch, G, H / G · s, head_dim], so that the heads of a group multiply with one key head.
    Value q = reshape(headsFirst(query, options.heads, headDim), {batch, size(keyHeads), size(-1), size(headDim)});
    Value z = xf::MatmulOp::create(p, q, headsFirst(keys, keyHeads, headDim), /*transposeB=*/true);
    z = p.scaled(reshape(z, {batch, size(options.heads), queries, positions}), options.scale);
    Value weights = softmax(changed(z), visible());
    Value y = reshape(weights, {batch, size(keyHeads), size(-1), positions});
    y = xf::MatmulOp::create(p, y, headsFirst(op.getValues(), keyHeads, valueDim));
    y = reshape(y, {batch, size(options.heads), queries, size(valueDim)});
    y = xf::TransposeOp::create(p, y, ArrayRef<int64_t>{0, 2, 1, 3});
    return as(p, reshape(y, {batch, queries, size(options.heads * valueDim)}), op.getResult().getType());
  }

private:
  OpFoldResult size(int64_t number) { return p.getI64IntegerAttr(number); }
  Value reshape(Value value, ArrayRef<OpFoldResult> sizes) { return xf::ReshapeOp::create(p, value, sizes); }
  Value either(Value a, Value b) { return xf::ElementwiseOp::create(p, xf::BinaryKind::Or, a, b); }
  Value both(Value a, Value b) { return a && b ? p.both(a, b) : a ? a : b; }

  /// [batch, rows, heads · width] as [batch, heads, rows, width].
  Value headsFirst(Value value, int64_t heads, int64_t width) {
    Value split = reshape(value, {batch, sizesOf(p, value)[1], size(heads), size(width)});
    return xf::TransposeOp::create(p, split, ArrayRef<int64_t>{0, 2, 1, 3});
  }

  /// The numbers of rows from 0 on, as i32.
  Value numbers(OpFoldResult count) {
    auto known = getConstantIntValue(count);
    auto type = RankedTensorType::get({known.value_or(ShapedType::kDynamic)}, p.getI32Type());
    return xf::IotaOp::create(p, type, known ? Value() : cast<Value>(count));
  }
  Value asColumn(Value row) { return reshape(row, {size(-1), size(1)}); }
  /// [batch, n] as [batch, 1, n, 1], or [batch, 1, 1, n].
  Value ofQueries(Value rows) { return reshape(rows, {batch, size(1), queries, size(1)}); }
  Value ofKeys(Value rows) { return reshape(rows, {batch, size(1), size(1), positions}); }

  Value below(Value a, int64_t limit) { return p.compare(xf::CompareKind::Lt, a, p.integer(limit)); }

  /// i1, where a query sees a key; null where it sees all.
  Value visible() {
    Value i = asColumn(numbers(queries)), j = numbers(positions), distance = p.sub(i, j), seen;
    bool causal = options.mask == xf::Mask::Causal;
    if (causal)
      seen = p.compare(xf::CompareKind::Ge, distance, p.integer(0));
    if (options.window) {
      Value near = below(distance, *options.window);
      if (!causal)
        near = both(near, below(p.neg(distance), *options.window));
      if (options.keep)
        near = either(near, below(j, *options.keep));
      seen = both(seen, near);
    }
    if (options.prefix) {
      Value end = reshape(options.prefix, {batch, size(1), size(1), size(1)});
      Value within = both(p.compare(xf::CompareKind::Lt, i, end), p.compare(xf::CompareKind::Lt, j, end));
      seen = either(seen, within);
    }
    if (options.documents)
      seen = both(seen, p.compare(xf::CompareKind::Eq, ofQueries(options.documents), ofKeys(options.documents)));
    if (options.valid)
      seen = both(seen, p.asTruth(ofKeys(options.valid)));
    return seen;
  }

  /// Scores as they go into the softmax.
  Value changed(Value z) {
    if (options.softCap)
      z = p.scaled(xf::UnaryOp::create(p, xf::UnaryKind::Tanh, p.scaled(z, 1 / *options.softCap)), *options.softCap);
    if (options.bias) {
      // For each query and key, whatever else it is repeated for.
      SmallVector<OpFoldResult> sizes = sizesOf(p, options.bias);
      sizes[2] = queries;
      sizes[3] = positions;
      z = p.add(z, reshape(options.bias, sizes));
    }
    if (!options.alibi)
      return z;
    SmallVector<double> slopes = options.alibi.getSlopes(options.heads);
    std::vector<float> values(slopes.begin(), slopes.end());
    auto type = RankedTensorType::get({options.heads, 1, 1}, p.getF32Type());
    Value slope = arith::ConstantOp::create(p, DenseElementsAttr::get(type, ArrayRef(values)));
    Value ahead = p.sub(numbers(positions), asColumn(numbers(queries)));
    ahead = xf::CastOp::create(p, RankedTensorType::get(xf::shapeOf(ahead), p.getF32Type()), ahead);
    return p.add(z, p.mul(slope, ahead));
  }

  /// Along keys; a row that sees none gets zeros.
  Value softmax(Value z, Value seen) {
    if (seen)
      z = p.select(seen, z, p.number(kHidden));
    Value most = xf::ReduceOp::create(p, xf::ReduceKind::Max, z, int64_t(3)), sinks;
    if (options.sinks) {
      sinks = reshape(options.sinks, {size(options.heads), size(1), size(1)});
      most = p.larger(most, sinks);
    }
    Value powers = p.exp(p.sub(z, most));
    if (seen)
      powers = p.select(seen, powers, p.number(0));
    Value sum = sumAlong(p, powers, 3);
    if (sinks)
      sum = p.add(sum, p.exp(p.sub(sinks, most)));
    else if (seen)
      sum = p.select(p.compare(xf::CompareKind::Gt, sum, p.number(0)), sum, p.number(1));
    return p.div(powers, sum);
  }

  Primitives &p;
  xf::AttentionOp op;
  xf::AttentionOptions options;
  Value query, keys;
  int64_t keyHeads;
  OpFoldResult batch, queries, positions;
};

} // namespace

SmallVector<Value> spellAttention(Primitives &p, xf::AttentionOp op) { return {SpelledAttention(p, op).run()}; }

} // namespace ph::autodiff
