// Broadcasting of host tensors as NumPy does.
#pragma once
#include "lib/Reference/Models.h"

namespace ph::reference {

/// `tensor`, repeated to `shape`, to which its own can be broadcast.
Tensor broadcastTo(const Tensor &tensor, llvm::ArrayRef<int64_t> shape);

/// The shape that the tensors are broadcast to; reports at `op` where they don't fit.
mlir::FailureOr<llvm::SmallVector<int64_t>> commonShape(mlir::Operation *op, llvm::ArrayRef<const Tensor *> tensors);

} // namespace ph::reference
