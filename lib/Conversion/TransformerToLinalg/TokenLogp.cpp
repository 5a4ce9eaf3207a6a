// Log-probabilities of labels and their derivatives, a few rows of logits at a time.
#include "Scores.h"
#include "dialects/Training/Training.h"
#include <cmath>

using namespace mlir;

namespace ph::conversion {
namespace {

// Rows of logits in memory: a product is best with many, a cache with few.
constexpr int64_t kMostRows = 256, kMostBytes = int64_t(32) << 20;

int64_t rowsOf(std::optional<uint64_t> chunk, int64_t vocabulary) {
  if (chunk)
    return int64_t(*chunk);
  int64_t rows = std::clamp<int64_t>(kMostBytes / (vocabulary * 4), 1, kMostRows);
  // Whole tiles of a product, where there are several.
  return rows > 64 ? rows / 64 * 64 : rows;
}

/// What both directions do, on rows of hidden activations: all dimensions but the last are one.
template <class Op> class Rows {
public:
  Rows(Lowering &l, Op op)
      : l(l), s(l.s), op(op), hidden(l.asRows(l.of(op.getHidden()))), labels(flat(op.getLabels())),
        vocabulary(op.getWeight().getType().getDimSize(0)), most(rowsOf(op.getChunk(), vocabulary)) {
    total = l.sizeOf(hidden, 0);
    features = l.sizeOf(hidden, 1);
  }

  /// A tensor of one element for each row, as one dimension.
  Value flat(Value old) {
    Value tensor = l.of(old);
    int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
    return rank > 1 ? l.collapse(tensor, {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(rank))}) : tensor;
  }

  /// Rows as the dimensions that the operand `like` has.
  Value unflat(Value rows, Value like) {
    Sizes sizes = l.sizesOf(l.of(like));
    int64_t rank = cast<RankedTensorType>(rows.getType()).getRank(), leading = int64_t(sizes.size()) - rank + 1;
    SmallVector<ReassociationIndices> groups = {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(leading))};
    for (int64_t axis = leading; axis < int64_t(sizes.size()); ++axis)
      groups.push_back({axis});
    return l.expand(rows, groups, sizes);
  }

  SmallVector<Value> forEach(ValueRange carried, function_ref<SmallVector<Value>(ValueRange)> body) {
    OpFoldResult chunks = l.div(l.add(total, l.attribute(most - 1)), l.attribute(most));
    return l.loop(chunks, carried, [&](Value chunk, ValueRange values) {
      start = s.mul(chunk, s.index(most));
      count = s.min(s.sub(l.index(total), start), s.index(most));
      return body(values);
    });
  }

  /// The rows of this chunk.
  Part part(ArrayRef<OpFoldResult> rest = {}) {
    Part part = {{start}, {count}, {}};
    part.offsets.append(rest.size(), l.attribute(0));
    part.sizes.append(rest.begin(), rest.end());
    return part;
  }
  Value rows(Value matrix) { return l.slice(matrix, part(l.sizeOf(matrix, 1))); }
  Value elements(Value vector) { return l.slice(vector, part()); }

  /// The logits of this chunk, their largest ones, and Σ e^(z - largest).
  void score() {
    logits = scoresOfRows(l, rows(hidden), op.getWeight(), op.getScaleAttr(), op.getSoftCapAttr());
    chunkLabels = elements(labels);
    Sizes each = {count};
    largest = l.reduced(each, s.f32(-INFINITY), 2, l.whole(logits),
                        [](ScalarBuilder &s, ValueRange e) { return s.max(e[1], e[0]); });
    totals = l.reduced(each, s.f32(0), 2, {l.whole(logits), row(largest)},
                       [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.exp(s.sub(e[0], e[1]))); });
  }

  Indexed row(Value vector) { return {vector, {l.dim(0)}}; }

  Value counts(ScalarBuilder &s, Value label) {
    return op.getIgnoreIndex() ? s.compare(xf::CompareKind::Ne, label, s.i32(int64_t(*op.getIgnoreIndex())))
                               : arith::ConstantOp::create(s, s.getBoolAttr(true)).getResult();
  }

  /// `into` with the log-probabilities of this chunk.
  Value insertLogp(Value into) {
    Value place = elements(into);
    Value logp =
        l.structured(1, {row(chunkLabels), row(largest), row(totals)}, row(place), [&](ScalarBuilder &s, ValueRange e) {
          Value there = counts(s, e[0]), label = s.select(there, e[0], s.i32(0));
          Value z = s.at(logits, {s.loop(0), s.toIndex(label)});
          Value y = s.sub(s.sub(z, e[1]), math::LogOp::create(s, e[2]));
          return s.select(there, y, s.f32(0));
        });
    return l.insert(logp, into, part());
  }

  Lowering &l;
  ScalarBuilder &s;
  Op op;
  Value hidden, labels;
  const int64_t vocabulary, most;
  OpFoldResult total, features;
  // Of this chunk.
  Value start, count, logits, chunkLabels, largest, totals;
};

LogicalResult tokenLogp(Lowering &l, train::TokenLogpOp op) {
  Rows rows(l, op);
  Value logp = rows.forEach(l.empty(rows.total, l.s.getF32Type()), [&](ValueRange carried) -> SmallVector<Value> {
    rows.score();
    return {rows.insertLogp(carried[0])};
  })[0];
  l.give(op.getResult(), rows.unflat(logp, op.getLabels()));
  return success();
}

/// dz in the place of z.
Value logitGradients(Rows<train::TokenLogpBackwardOp> &rows, Value gradient) {
  Lowering &l = rows.l;
  train::TokenLogpBackwardOp op = rows.op;
  return l.structured(2,
                      {rows.row(rows.chunkLabels), rows.row(rows.largest), rows.row(rows.totals), rows.row(gradient)},
                      l.whole(rows.logits), [&](ScalarBuilder &s, ValueRange e) {
                        Value here = s.convert(s.loop(1), s.getI32Type());
                        Value probability = s.div(s.exp(s.sub(e[4], e[1])), e[2]);
                        Value target = s.select(s.compare(xf::CompareKind::Eq, e[0], here), s.f32(1), s.f32(0));
                        Value factor = s.select(rows.counts(s, e[0]), e[3], s.f32(0));
                        if (op.getScale())
                          factor = s.mul(factor, s.f32(op.getScale()->convertToDouble()));
                        Value dz = s.mul(factor, s.sub(target, probability));
                        if (!op.getSoftCap())
                          return dz;
                        Value capped = s.div(e[4], s.f32(op.getSoftCap()->convertToDouble()));
                        return s.mul(dz, s.sub(s.f32(1), s.mul(capped, capped)));
                      });
}

LogicalResult tokenLogpBackward(Lowering &l, train::TokenLogpBackwardOp op) {
  Rows rows(l, op);
  ScalarBuilder &s = l.s;
  Value gradients = rows.flat(op.getGradient());
  SmallVector<Value> carried = {l.empty({rows.total, rows.features}, s.getF32Type())};
  if (op.getWeightGradient())
    carried.push_back(op.getSum() ? l.of(op.getSum())
                                  : l.filled({l.attribute(rows.vocabulary), rows.features}, s.f32(0)));
  if (op.getLogp())
    carried.push_back(l.empty(rows.total, s.getF32Type()));
  auto multiply = [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[0], e[1])); };
  SmallVector<Value> results = rows.forEach(carried, [&](ValueRange carried) {
    SmallVector<Value> next(carried);
    rows.score();
    // Before the logits become something else.
    if (op.getLogp())
      next.back() = rows.insertLogp(carried.back());
    Value dz = logitGradients(rows, rows.elements(gradients));
    next[0] = l.insert(backOfRows(l, dz, op.getWeight()), carried[0], rows.part(rows.features));
    if (op.getWeightGradient())
      next[1] = l.structured(3, {{dz, {l.dim(2), l.dim(0)}}, {rows.rows(rows.hidden), {l.dim(2), l.dim(1)}}},
                             Indexed{carried[1], {l.dim(0), l.dim(1)}}, multiply);
    return next;
  });
  l.give(op.getHiddenGradient(), rows.unflat(results[0], op.getHidden()));
  if (op.getWeightGradient())
    l.give(op.getWeightGradientResult(), results[1]);
  if (op.getLogp())
    l.give(op.getLogpResult(), rows.unflat(results.back(), op.getLabels()));
  return success();
}

} // namespace

void addTokenLogp(Handlers &handlers) {
  handlers.add<train::TokenLogpOp, tokenLogp>();
  handlers.add<train::TokenLogpBackwardOp, tokenLogpBackward>();
}

} // namespace ph::conversion
