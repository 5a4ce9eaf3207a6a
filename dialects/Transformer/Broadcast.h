// Shapes that are broadcast to one another as NumPy does, and what the verifiers of primitives share.
#pragma once
#include "dialects/Transformer/Verify.h"

namespace ph::xf {

/// The shape that `shapes` are broadcast to: aligned at their last dimensions, a dimension that is 1 or missing is that
/// of the others. A dynamic one beside a static one that isn't 1 must be that at run time. Fails where they don't fit.
mlir::FailureOr<llvm::SmallVector<int64_t>> broadcastShapes(llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

/// The shape of a ranked tensor.
llvm::ArrayRef<int64_t> shapeOf(mlir::Value tensor);
/// The type of a ranked tensor's elements.
mlir::Type elementOf(mlir::Value tensor);

/// The operands' shapes can be broadcast, to that of the only result, whose elements are `element`.
mlir::LogicalResult expectBroadcast(mlir::Operation *op, llvm::ArrayRef<mlir::Value> operands, mlir::Type element);
/// The only result of `op` has this shape, which may have dynamic dimensions, and these elements.
mlir::LogicalResult expectResult(mlir::Operation *op, llvm::ArrayRef<int64_t> shape, mlir::Type element);
/// `axis` is a dimension of `tensor`.
mlir::LogicalResult expectAxis(mlir::Operation *op, int64_t axis, mlir::Value tensor);

} // namespace ph::xf
