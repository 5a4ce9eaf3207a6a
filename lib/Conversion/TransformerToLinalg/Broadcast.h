// Shapes that are broadcast to one another as NumPy does.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// A function of tensors that are broadcast to one another.
mlir::Value broadcastEach(Lowering &l, llvm::ArrayRef<mlir::Value> tensors, mlir::Type element, Lowering::Body body);
/// A tensor, broadcast to these sizes.
mlir::Value broadcastTo(Lowering &l, mlir::Value tensor, llvm::ArrayRef<mlir::OpFoldResult> sizes);
/// What the sizes of tensors are broadcast to.
Sizes broadcastSizes(Lowering &l, llvm::ArrayRef<Sizes> all);

} // namespace ph::conversion
