// Norms: sums along a row, and then each element of it.
#include "Lowering.h"

using namespace mlir;

namespace ph::conversion {

namespace {
/// What norms have in common.
struct Norm {
  Value weight, bias; ///< new; null where there is none
  double eps = 0, offset = 0;
  int64_t heads = 1;
  bool centered = false;

  template <class Op> static Norm of(Lowering &l, Op op, Value bias, bool centered) {
    Norm norm;
    if (op.getWeight())
      norm.weight = l.of(op.getWeight());
    if (bias)
      norm.bias = l.of(bias);
    norm.eps = op.getEps().convertToDouble();
    norm.offset = op.getOffset() ? op.getOffset()->convertToDouble() : 0;
    norm.heads = op.getHeads().value_or(1);
    norm.centered = centered;
    return norm;
  }
};
} // namespace

static Value normalize(Lowering &l, Value input, const Norm &norm) {
  ScalarBuilder &s = l.s;
  int64_t columns = cast<RankedTensorType>(input.getType()).getShape().back(), width = columns / norm.heads;
  Value x = norm.heads > 1 ? l.splitLast(input, norm.heads) : input;
  Sizes sizes = l.sizesOf(x), rows = Sizes(ArrayRef(sizes).drop_back());
  unsigned rank = sizes.size();
  SmallVector<AffineExpr> rowAt = l.loops(0, rank - 1);
  Value zero = s.f32(0), mean;
  if (norm.centered) {
    Value sums =
        l.reduced(rows, zero, rank, l.whole(x), [](ScalarBuilder &s, ValueRange e) { return s.add(e[1], e[0]); });
    mean = l.each(rows, s.getF32Type(), l.whole(sums),
                  [&](ScalarBuilder &s, ValueRange e) { return s.div(e[0], s.f32(double(width))); });
  }
  SmallVector<Indexed> inputs = {l.whole(x)};
  if (mean)
    inputs.push_back({mean, rowAt});
  auto difference = [&](ScalarBuilder &s, ValueRange e) { return mean ? s.sub(e[0], e[1]) : e[0]; };
  Value squares = l.reduced(rows, zero, rank, inputs, [&](ScalarBuilder &s, ValueRange e) {
    Value d = difference(s, e);
    return s.add(e.back(), s.mul(d, d));
  });
  // One for each row, so that elements need no root.
  Value factors = l.each(rows, s.getF32Type(), l.whole(squares), [&](ScalarBuilder &s, ValueRange e) -> Value {
    Value square = s.add(s.div(e[0], s.f32(double(width))), s.f32(norm.eps));
    return s.div(s.f32(1), math::SqrtOp::create(s, square));
  });
  // A weight is of a slice, or of all slices with the slice's number in its loop.
  auto take = [&](Value vector) {
    Indexed operand = {vector, {l.dim(rank - 1)}};
    if (norm.heads > 1 && cast<RankedTensorType>(vector.getType()).getDimSize(0) == columns)
      operand = {l.splitLast(vector, norm.heads), l.loops(rank - 2, rank)};
    inputs.push_back(operand);
    return inputs.size() - 1;
  };
  inputs.push_back({factors, rowAt});
  size_t factor = inputs.size() - 1, weight = norm.weight ? take(norm.weight) : 0,
         bias = norm.bias ? take(norm.bias) : 0;
  Value y = l.each(sizes, s.getF32Type(), inputs, [&](ScalarBuilder &s, ValueRange e) {
    Value result = s.mul(difference(s, e), e[factor]);
    if (weight)
      result = s.mul(norm.offset ? s.add(e[weight], s.f32(norm.offset)) : e[weight], result);
    return bias ? s.add(result, e[bias]) : result;
  });
  return norm.heads > 1 ? l.joinLast(y) : y;
}

static LogicalResult rmsNorm(Lowering &l, xf::RmsNormOp op) {
  l.give(op.getResult(), normalize(l, l.of(op.getInput()), Norm::of(l, op, Value(), /*centered=*/false)));
  return success();
}

static LogicalResult layerNorm(Lowering &l, xf::LayerNormOp op) {
  l.give(op.getResult(), normalize(l, l.of(op.getInput()), Norm::of(l, op, op.getBias(), /*centered=*/true)));
  return success();
}

template <class Op> static Value sumOf(Lowering &l, Op op) {
  Value lhs = l.of(op.getLhs()), rhs = l.of(op.getRhs());
  Value sum = l.each(l.sizesOf(lhs), l.s.getF32Type(), {l.whole(lhs), l.whole(rhs)},
                     [](ScalarBuilder &s, ValueRange e) { return s.add(e[0], e[1]); });
  l.give(op.getSum(), sum);
  return sum;
}

static LogicalResult addRmsNorm(Lowering &l, xf::AddRmsNormOp op) {
  l.give(op.getNorm(), normalize(l, sumOf(l, op), Norm::of(l, op, Value(), /*centered=*/false)));
  return success();
}

static LogicalResult addLayerNorm(Lowering &l, xf::AddLayerNormOp op) {
  l.give(op.getNorm(), normalize(l, sumOf(l, op), Norm::of(l, op, op.getBias(), /*centered=*/true)));
  return success();
}

void addNormalization(Handlers &handlers) {
  handlers.add<xf::RmsNormOp, rmsNorm>();
  handlers.add<xf::LayerNormOp, layerNorm>();
  handlers.add<xf::AddRmsNormOp, addRmsNorm>();
  handlers.add<xf::AddLayerNormOp, addLayerNorm>();
}

} // namespace ph::conversion
