// How many positions a model can number, and how many tokens it knows.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include <optional>

namespace ph {

/// The most positions of a sequence where some are looked up in a table of learned ones; nothing if there is no such
/// table.
std::optional<int64_t> positionLimit(mlir::ModuleOp module);

/// The rows of the table that tokens which a function is given are looked up in, the fewest of several; nothing if
/// there is no such table.
std::optional<int64_t> tokenLimit(mlir::ModuleOp module);

} // namespace ph
