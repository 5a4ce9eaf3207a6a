// Other shapes of memory without gaps.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace ph::conversion {

/// memref.expand_shape of memory without gaps becomes memref.reinterpret_cast with its sizes. MLIR 22 expands the
/// former only where a group has at most one dynamic size, and crashes where it has more.
void expandWholeMemory(mlir::func::FuncOp function);

} // namespace ph::conversion
