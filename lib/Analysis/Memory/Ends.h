// Where a value is read last.
#pragma once
#include "mlir/IR/Operation.h"

namespace ph::analysis {

/// Whether nothing in or after `op` reads the value but `op` itself, and no value shares its memory.
bool endsAt(mlir::Value value, mlir::Operation *op);

} // namespace ph::analysis
