// What loops carry from one turn to the next.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace ph::conversion {

/// Makes each scf.for of `function` put the tensors that it carries where they came in, so that they have one memory
/// for all turns.
void carryInPlace(mlir::func::FuncOp function);

} // namespace ph::conversion
