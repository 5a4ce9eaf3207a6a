// Expressions that derivatives are made of.
#pragma once
#include "dialects/Transformer/Broadcast.h"
#include "dialects/Transformer/Primitives.h"

namespace ph::autodiff {

/// `value` as a tensor of this type, which says more or less of the same sizes.
mlir::Value as(Primitives &p, mlir::Value value, mlir::Type type);

/// The sizes of a tensor, as xf.reshape and xf.broadcast take them.
llvm::SmallVector<mlir::OpFoldResult> sizesOf(Primitives &p, mlir::Value tensor);

/// Zeros of the type and sizes of `like`.
mlir::Value zerosLike(Primitives &p, mlir::Value like);

/// The elements of `value` in the shape of `like`.
mlir::Value reshapeLike(Primitives &p, mlir::Value value, mlir::Value like);

/// [..., K] as [rows, K].
mlir::Value asRows(Primitives &p, mlir::Value value);

/// `value` repeated along the dimensions that `like` has beyond it.
mlir::Value broadcastLike(Primitives &p, mlir::Value value, mlir::Value like);

/// The transpose of the broadcast of an operand `like` of `op`: the sums of `value`, of the shape that it was broadcast
/// to, along the dimensions that repeated it; the last `inner` ones only do where types say so. Fails, with a message
/// at `op`, where it is not known whether a dimension did.
mlir::FailureOr<mlir::Value> sumToLike(Primitives &p, mlir::Operation *op, mlir::Value value, mlir::Value like,
                                       int64_t inner = 0);

/// Σ along `axes`, which stay as dimensions of 1.
mlir::Value sumAlong(Primitives &p, mlir::Value value, llvm::ArrayRef<int64_t> axes);

} // namespace ph::autodiff
