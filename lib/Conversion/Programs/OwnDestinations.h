// Empty tensors, each for one op to write to.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace ph::conversion {

/// Gives each use of a tensor.empty, or of a slice of one, a tensor.empty of its own. Two uses of one are values of one
/// memory, of which bufferization would copy one.
void giveOwnDestinations(mlir::func::FuncOp function);

} // namespace ph::conversion
