// Rows of hidden activations and of their logits, a few at a time.
#pragma once
#include "Scores.h"
#include <algorithm>
#include <cmath>

namespace ph::conversion {

/// What ops of logits that are never in memory as a whole do: of an op with `hidden`, `weight`, `scale`, `soft_cap` and
/// `chunk`. All dimensions but the last are one here.
template <class Op> class VocabularyRows {
public:
  VocabularyRows(Lowering &l, Op op)
      : l(l), s(l.s), op(op), hidden(l.asRows(l.of(op.getHidden()))),
        vocabulary(op.getWeight().getType().getDimSize(0)), most(mostRows()), total(l.sizeOf(hidden, 0)),
        features(l.sizeOf(hidden, 1)) {}

  /// A tensor of one element for each row, as one dimension.
  mlir::Value flat(mlir::Value old) {
    mlir::Value tensor = l.of(old);
    int64_t rank = mlir::cast<mlir::RankedTensorType>(tensor.getType()).getRank();
    return rank > 1 ? l.collapse(tensor, {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(rank))}) : tensor;
  }

  /// Rows as the dimensions that the old value `like` has.
  mlir::Value unflat(mlir::Value rows, mlir::Value like) {
    Sizes sizes = l.sizesOf(l.of(like));
    int64_t rank = mlir::cast<mlir::RankedTensorType>(rows.getType()).getRank();
    int64_t leading = int64_t(sizes.size()) - rank + 1;
    llvm::SmallVector<mlir::ReassociationIndices> groups = {
        llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(leading))};
    for (int64_t axis = leading; axis < int64_t(sizes.size()); ++axis)
      groups.push_back({axis});
    return l.expand(rows, groups, sizes);
  }
  /// One number for each row, as the dimensions that `hidden` has.
  mlir::Value unflatNumbers(mlir::Value numbers) {
    Sizes sizes = l.sizesOf(l.of(op.getHidden()));
    sizes.pop_back();
    return l.expand(numbers, {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(sizes.size()))}, sizes);
  }

  /// Goes over chunks, carrying tensors.
  llvm::SmallVector<mlir::Value> forEach(mlir::ValueRange carried,
                                         llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange)> body) {
    mlir::OpFoldResult chunks = l.div(l.add(total, l.attribute(most - 1)), l.attribute(most));
    return l.loop(chunks, carried, [&](mlir::Value chunk, mlir::ValueRange values) {
      start = s.mul(chunk, s.index(most));
      count = s.min(s.sub(l.index(total), start), s.index(most));
      return body(values);
    });
  }

  /// The rows of this chunk, of a tensor with these other dimensions.
  Part part(llvm::ArrayRef<mlir::OpFoldResult> rest = {}) {
    Part part = {{start}, {count}, {}};
    part.offsets.append(rest.size(), l.attribute(0));
    part.sizes.append(rest.begin(), rest.end());
    return part;
  }
  mlir::Value rows(mlir::Value matrix) { return l.slice(matrix, part(l.sizeOf(matrix, 1))); }
  mlir::Value elements(mlir::Value vector) { return l.slice(vector, part()); }
  Indexed row(mlir::Value vector) { return {vector, {l.dim(0)}}; }

  mlir::Value score() { return scoresOfRows(l, rows(hidden), op.getWeight(), op.getScaleAttr(), op.getSoftCapAttr()); }

  /// Of each row of a chunk the largest element times `factor`, and Σ e^(that of others - that).
  std::pair<mlir::Value, mlir::Value> totals(mlir::Value logits, double factor = 1) {
    auto times = [factor](ScalarBuilder &s, mlir::Value z) { return factor == 1 ? z : s.mul(z, s.f32(factor)); };
    Sizes each = {count};
    mlir::Value largest = l.reduced(each, s.f32(-INFINITY), 2, l.whole(logits),
                                    [&](ScalarBuilder &s, mlir::ValueRange e) { return s.max(e[1], times(s, e[0])); });
    mlir::Value sums =
        l.reduced(each, s.f32(0), 2, {l.whole(logits), row(largest)}, [&](ScalarBuilder &s, mlir::ValueRange e) {
          return s.add(e[2], s.exp(s.sub(times(s, e[0]), e[1])));
        });
    return {largest, sums};
  }

  /// The derivative of a logit by the product: `dz` times this.
  mlir::Value throughScale(ScalarBuilder &s, mlir::Value dz, mlir::Value logit) {
    if (op.getScale())
      dz = s.mul(dz, s.f32(op.getScale()->convertToDouble()));
    if (!op.getSoftCap())
      return dz;
    mlir::Value capped = s.div(logit, s.f32(op.getSoftCap()->convertToDouble()));
    return s.mul(dz, s.sub(s.f32(1), s.mul(capped, capped)));
  }

  /// What the loop of a backward op carries first: the gradients of rows and, where it is wanted, of the matrix.
  llvm::SmallVector<mlir::Value> startGradients() {
    llvm::SmallVector<mlir::Value> carried = {l.empty({total, features}, s.getF32Type())};
    if (op.getWeightGradient())
      carried.push_back(op.getSum() ? l.of(op.getSum()) : l.filled({l.attribute(vocabulary), features}, s.f32(0)));
    return carried;
  }
  /// These, with those of this chunk.
  void addGradients(mlir::Value dz, llvm::MutableArrayRef<mlir::Value> carried) {
    carried[0] = l.insert(backOfRows(l, dz, op.getWeight()), carried[0], part(features));
    if (op.getWeightGradient())
      carried[1] = l.structured(3, {{dz, {l.dim(2), l.dim(0)}}, {rows(hidden), {l.dim(2), l.dim(1)}}},
                                Indexed{carried[1], {l.dim(0), l.dim(1)}},
                                [](ScalarBuilder &s, mlir::ValueRange e) { return s.add(e[2], s.mul(e[0], e[1])); });
  }
  void giveGradients(llvm::ArrayRef<mlir::Value> results) {
    l.give(op.getHiddenGradient(), unflat(results[0], op.getHidden()));
    if (op.getWeightGradient())
      l.give(op.getWeightGradientResult(), results[1]);
  }

  Lowering &l;
  ScalarBuilder &s;
  Op op;
  const mlir::Value hidden;
  const int64_t vocabulary, most;
  const mlir::OpFoldResult total, features;
  mlir::Value start, count; ///< of this chunk

private:
  /// Rows of logits in memory: a product is best with many, a cache with few.
  int64_t mostRows() {
    if (op.getChunk())
      return int64_t(*op.getChunk());
    constexpr int64_t kMostRows = 256, kMostBytes = int64_t(32) << 20;
    int64_t rows = std::clamp<int64_t>(kMostBytes / (vocabulary * 4), 1, kMostRows);
    // Whole tiles of a product, where there are several.
    return rows > 64 ? rows / 64 * 64 : rows;
  }
};

} // namespace ph::conversion
