// Checks that several ops' verifiers share. Each emits its own message: `expects …, but got …`.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph::xf {

/// True if the two can be the same at run time: equal, or one of them is dynamic.
bool mayEqual(int64_t a, int64_t b);
/// The last dimension of a ranked tensor.
int64_t features(mlir::Value value);

/// `value` has the shape of `other` (named `otherName` in the message), encodings aside.
mlir::LogicalResult expectSameShape(mlir::Operation *op, llvm::StringRef name, mlir::Value value,
                                    llvm::StringRef otherName, mlir::Value other);
/// `value` has the shape of `input` but for its last dimension, which is `last`.
mlir::LogicalResult expectShapeBut(mlir::Operation *op, llvm::StringRef name, mlir::Value value, mlir::Value input,
                                   int64_t last);
/// Dimension `dim` of `value` can be `expected`.
mlir::LogicalResult expectDim(mlir::Operation *op, const llvm::Twine &what, mlir::Value value, unsigned dim,
                              int64_t expected);
/// `positions` are given if and only if `rope` is, have batch and sequence of `rows`, and fit heads of `headDim`.
mlir::LogicalResult expectRope(mlir::Operation *op, mlir::Value positions, RopeAttr rope, mlir::Value rows,
                               int64_t headDim);

/// A soft cap that is given is above 0.
mlir::LogicalResult expectSoftCap(mlir::Operation *op, const std::optional<llvm::APFloat> &cap);

} // namespace ph::xf
