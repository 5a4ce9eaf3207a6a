#include "Reduction.h"
#include "Reshape.h"
#include <cmath>

using namespace mlir;

namespace ph::conversion {

Value argmaxOfRows(Lowering &l, Value tensor) {
  ScalarBuilder &s = l.s;
  Sizes rows = Sizes(ArrayRef(l.sizesOf(tensor)).drop_back());
  unsigned rank = rows.size() + 1;
  Indexed best = {l.filled(rows, s.f32(-INFINITY)), l.loops(0, rank - 1)},
          place = {l.filled(rows, s.i32(0)), l.loops(0, rank - 1)};
  return l.structured(rank, l.whole(tensor), {best, place}, [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
    Value larger = s.both(s.isFinite(e[0]), s.compare(xf::CompareKind::Gt, e[0], e[1]));
    return {s.select(larger, e[0], e[1]), s.select(larger, s.convert(s.loop(rank - 1), s.getI32Type()), e[2])};
  })[1];
}

/// The indices of a tensor of this rank, with the loop `last` for `axis` and the others in their order before it.
static SmallVector<AffineExpr> axisLast(Lowering &l, unsigned rank, unsigned axis) {
  SmallVector<AffineExpr> at;
  for (unsigned each = 0, next = 0; each < rank; ++each)
    at.push_back(l.dim(each == axis ? rank - 1 : next++));
  return at;
}

Value softmaxAlong(Lowering &l, Value tensor, int64_t axis) {
  ScalarBuilder &s = l.s;
  Sizes sizes = l.sizesOf(tensor), rows = sizes;
  rows.erase(rows.begin() + axis);
  unsigned rank = sizes.size();
  Indexed x = {tensor, axisLast(l, rank, axis)};
  SmallVector<AffineExpr> outer = l.loops(0, rank - 1), around;
  for (unsigned each = 0; each < rank; ++each)
    if (int64_t(each) != axis)
      around.push_back(l.dim(each));
  Value largest = l.reduced(rows, s.f32(-INFINITY), rank, x,
                            [](ScalarBuilder &s, ValueRange e) { return s.maxNumber(e[1], e[0]); });
  Value powers = l.each(sizes, s.getF32Type(), {l.whole(tensor), {largest, around}},
                        [](ScalarBuilder &s, ValueRange e) { return s.exp(s.sub(e[0], e[1])); });
  Value sums = l.reduced(rows, s.f32(0), rank, Indexed{powers, x.at},
                         [](ScalarBuilder &s, ValueRange e) { return s.add(e[1], e[0]); });
  return l.each(sizes, s.getF32Type(), {l.whole(powers), {sums, around}},
                [](ScalarBuilder &s, ValueRange e) { return s.div(e[0], e[1]); });
}

static LogicalResult reduce(Lowering &l, xf::ReduceOp op) {
  Value input = l.of(op.getInput());
  Sizes sizes = l.sizesOf(input), kept, along;
  unsigned rank = sizes.size(), reducedLoop = rank - op.getAxes().size(), keptLoop = 0;
  Indexed x = {input, {}};
  Sizes shape;
  for (auto [axis, size] : llvm::enumerate(sizes)) {
    bool reduced = llvm::is_contained(op.getAxes(), int64_t(axis));
    x.at.push_back(l.dim(reduced ? reducedLoop++ : keptLoop++));
    (reduced ? along : kept).push_back(size);
    shape.push_back(reduced ? l.attribute(1) : size);
  }
  xf::ReduceKind kind = op.getKind();
  bool largest = kind == xf::ReduceKind::Max, smallest = kind == xf::ReduceKind::Min;
  Value start = l.s.f32(largest ? -INFINITY : smallest ? INFINITY : 0);
  Value result = l.reduced(kept, start, rank, x, [&](ScalarBuilder &s, ValueRange e) {
    return largest ? s.max(e[1], e[0]) : smallest ? s.min(e[1], e[0]) : s.add(e[1], e[0]);
  });
  if (kind == xf::ReduceKind::Mean) {
    Value count = l.s.convert(l.index(l.product(along)), l.s.getF32Type());
    result = l.each(kept, l.s.getF32Type(), l.whole(result),
                    [&](ScalarBuilder &s, ValueRange e) { return s.div(e[0], count); });
  }
  l.give(op.getResult(), op.getKeepdims() ? reshapeTo(l, result, shape) : result);
  return success();
}

static LogicalResult softmax(Lowering &l, xf::SoftmaxOp op) {
  l.give(op.getResult(), softmaxAlong(l, l.of(op.getInput()), op.getAxis()));
  return success();
}

static LogicalResult argmax(Lowering &l, xf::ArgmaxOp op) {
  l.give(op.getResult(), argmaxOfRows(l, l.of(op.getInput())));
  return success();
}

/// The first or last valid row of each sequence, or `sequence` and -1 where there is none.
static Value validRow(Lowering &l, Value valid, Sizes batch, OpFoldResult sequence, bool first) {
  ScalarBuilder &s = l.s;
  Value none = first ? s.convert(l.index(sequence), s.getI32Type()) : s.i32(-1);
  return l.reduced(batch, none, 2, l.whole(valid), [&](ScalarBuilder &s, ValueRange e) {
    Value here = s.convert(s.loop(1), s.getI32Type());
    Value better = first ? s.min(e[1], here) : s.max(e[1], here);
    return s.select(s.compare(xf::CompareKind::Ne, e[0], s.i32(0)), better, e[1]);
  });
}

/// One row of each sequence: its number, or none where it is outside.
static Value pickRow(Lowering &l, Value input, Value rows) {
  Sizes sizes = l.sizesOf(input);
  Value sequence = l.index(sizes[1]);
  return l.each({sizes[0], sizes[2]}, l.s.getF32Type(), Indexed{rows, {l.dim(0)}}, [&](ScalarBuilder &s, ValueRange e) {
    Value row = s.toIndex(e[0]), zero = s.index(0);
    Value there = s.both(s.compare(xf::CompareKind::Ge, row, zero), s.compare(xf::CompareKind::Lt, row, sequence));
    Value element = s.at(input, {s.loop(0), s.select(there, row, zero), s.loop(1)});
    return s.select(there, element, s.f32(0));
  });
}

static LogicalResult pool(Lowering &l, xf::PoolOp op) {
  ScalarBuilder &s = l.s;
  Value input = l.of(op.getInput()), valid = op.getValid() ? l.of(op.getValid()) : Value();
  Sizes sizes = l.sizesOf(input), batch = {sizes[0]};
  xf::Pooling kind = op.getKind();
  bool first = kind == xf::Pooling::Cls;
  if (first || kind == xf::Pooling::Last) {
    Value rows;
    if (valid)
      rows = validRow(l, valid, batch, sizes[1], first);
    else
      rows =
          l.filled(batch, s.convert(l.index(first ? l.attribute(0) : l.sub(sizes[1], l.attribute(1))), s.getI32Type()));
    l.give(op.getResult(), pickRow(l, input, rows));
    return success();
  }
  bool mean = kind == xf::Pooling::Mean;
  SmallVector<Indexed> inputs = {{input, {l.dim(0), l.dim(2), l.dim(1)}}};
  if (valid)
    inputs.push_back({valid, {l.dim(0), l.dim(2)}});
  // How many rows there are.
  Value counts = valid ? l.reduced(batch, s.f32(0), 2, l.whole(valid),
                                   [](ScalarBuilder &s, ValueRange e) {
                                     Value real = s.compare(xf::CompareKind::Ne, e[0], s.i32(0));
                                     return s.add(e[1], s.convert(real, s.getF32Type()));
                                   })
                       : l.filled(batch, s.convert(l.index(sizes[1]), s.getF32Type()));
  Value pooled =
      l.reduced({sizes[0], sizes[2]}, s.f32(mean ? 0 : -INFINITY), 3, inputs, [&](ScalarBuilder &s, ValueRange e) {
        Value sofar = e.back(), next = mean ? s.add(sofar, e[0]) : s.maxNumber(sofar, e[0]);
        return valid ? s.select(s.compare(xf::CompareKind::Ne, e[1], s.i32(0)), next, sofar) : next;
      });
  l.give(op.getResult(), l.each({sizes[0], sizes[2]}, s.getF32Type(), {l.whole(pooled), {counts, {l.dim(0)}}},
                                [&](ScalarBuilder &s, ValueRange e) {
                                  Value none = s.compare(xf::CompareKind::Eq, e[1], s.f32(0));
                                  return s.select(none, s.f32(0), mean ? s.div(e[0], e[1]) : e[0]);
                                }));
  return success();
}

static LogicalResult crossEntropy(Lowering &l, xf::CrossEntropyOp op) {
  ScalarBuilder &s = l.s;
  Value logits = l.asRows(l.of(op.getLogits())), labels = l.of(op.getLabels());
  if (int64_t rank = cast<RankedTensorType>(labels.getType()).getRank(); rank > 1)
    labels = l.collapse(labels, {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(rank))});
  Sizes sizes = l.sizesOf(logits), rows = {sizes[0]};
  double smoothing = op.getSmoothing() ? op.getSmoothing()->convertToDouble() : 0;
  double classes = double(op.getLogits().getType().getShape().back());
  Value largest = l.reduced(rows, s.f32(-INFINITY), 2, l.whole(logits),
                            [](ScalarBuilder &s, ValueRange e) { return s.max(e[1], e[0]); });
  Indexed row = {largest, {l.dim(0)}};
  Value totals = l.reduced(rows, s.f32(0), 2, {l.whole(logits), row},
                           [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.exp(s.sub(e[0], e[1]))); });
  // Relative to the largest, so that large logits don't lose what they differ by.
  Value means = l.reduced(rows, s.f32(0), 2, {l.whole(logits), row}, [&](ScalarBuilder &s, ValueRange e) {
    return s.add(e[2], s.div(s.sub(e[0], e[1]), s.f32(classes)));
  });
  Value none = s.f32(0), scalar = l.filled({}, none), count = l.filled({}, none);
  SmallVector<Value> sums = l.structured(
      1, {{labels, {l.dim(0)}}, row, {totals, {l.dim(0)}}, {means, {l.dim(0)}}},
      {Indexed{scalar, {}}, Indexed{count, {}}}, [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
        Value counts = arith::ConstantOp::create(s, s.getBoolAttr(true)), label = e[0];
        if (op.getIgnoreIndex()) {
          counts = s.compare(xf::CompareKind::Ne, label, s.i32(int64_t(*op.getIgnoreIndex())));
          label = s.select(counts, label, s.i32(0));
        }
        Value z = s.sub(s.at(logits, {s.loop(0), s.toIndex(label)}), e[1]), total = math::LogOp::create(s, e[2]);
        Value loss = s.mul(s.f32(1 - smoothing), s.sub(total, z));
        if (smoothing != 0)
          loss = s.add(loss, s.mul(s.f32(smoothing), s.sub(total, e[3])));
        return {s.select(counts, s.add(e[4], loss), e[4]), s.select(counts, s.add(e[5], s.f32(1)), e[5])};
      });
  l.give(op.getResult(),
         l.each({}, s.getF32Type(), {Indexed{sums[0], {}}, Indexed{sums[1], {}}}, [](ScalarBuilder &s, ValueRange e) {
           Value zero = s.f32(0), none = s.compare(xf::CompareKind::Eq, e[1], zero);
           return s.select(none, zero, s.div(e[0], e[1]));
         }));
  return success();
}

void addReduction(Handlers &handlers) {
  handlers.add<xf::ReduceOp, reduce>();
  handlers.add<xf::SoftmaxOp, softmax>();
  handlers.add<xf::ArgmaxOp, argmax>();
  handlers.add<xf::PoolOp, pool>();
  handlers.add<xf::CrossEntropyOp, crossEntropy>();
}

} // namespace ph::conversion
