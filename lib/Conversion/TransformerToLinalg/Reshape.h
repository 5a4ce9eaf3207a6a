// The same elements in other shapes.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// A tensor in the shape of these sizes, which have as many elements: a view of it, if MLIR has one.
mlir::Value reshapeTo(Lowering &l, mlir::Value tensor, llvm::ArrayRef<mlir::OpFoldResult> sizes);
/// Writes a tensor over a part of another.
mlir::Value place(Lowering &l, mlir::Value tensor, mlir::Value into, const Part &part);

} // namespace ph::conversion
