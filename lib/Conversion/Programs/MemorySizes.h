// Sizes of memory, by how it was made.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace ph::conversion {

/// Replaces each memref.dim of `function` by what the size is computed from, through slices, other shapes and loops.
void resolveMemorySizes(mlir::func::FuncOp function);

} // namespace ph::conversion
