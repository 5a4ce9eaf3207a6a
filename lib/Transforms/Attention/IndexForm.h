// Tensors whose elements are affine in their indices, and conditions on those: how masks are computed.
#pragma once
#include "dialects/Transformer/Dims.h"

namespace ph {

/// The element at indices i_0, i_1, … of an integer tensor is constant + Σ coefficients[d] · i_d + Σ symbols[v] · v. A
/// tensor of i1 is true exactly where that is ≥ 0; so is a float mask, with 0 for true and a very low number for false.
struct IndexForm {
  llvm::SmallVector<int64_t> coefficients; ///< for each dimension; 0 for those of size 1
  int64_t constant = 0;
  llvm::SmallVector<std::pair<mlir::Value, int64_t>> symbols; ///< computed indices, without zeros

  /// True if no index matters.
  bool isConstant() const;
  /// True if it is ≥ 0, or < 0, whatever the indices are.
  bool isNeverNegative() const;
  bool isAlwaysNegative() const;
  /// The form as one of `rank` or fewer dimensions: the leading ones must not matter. Nothing if they do.
  std::optional<IndexForm> withRank(unsigned rank) const;
};

/// The form of `value`; nothing where it has none or it isn't seen. Constants are looked at as a whole.
std::optional<IndexForm> getIndexForm(mlir::Value value);

/// The form of what a linalg op gives: numbers of a fill, also behind loops that add zeros to them.
std::optional<IndexForm> getLoopForm(mlir::Operation *op);

/// True if `dim` is a slice that takes exactly as much as `size` is, so that it is 1 only where `size` is (unless it is
/// cut short, which no broadcast against `size` admits).
bool isSliceOfSize(xf::Dim dim, xf::Dim size);

/// Scores that are this low have a weight of 0 in a softmax beside ordinary ones: -∞, the lowest f32, -1e9, -1e4.
bool isVeryLow(double score);

} // namespace ph
