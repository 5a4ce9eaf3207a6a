// Products with the matrices of experts that are known only at run time.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// y[r] = W_e x + bias_e with e = experts[r], where x is row r / rowsOfInput of `input`, rounded down: [rows, N]. New
/// values: `input` [any, K], `weight` [E, N, K], `experts` [rows], `bias` [E, N] or null.
mlir::Value expertProduct(Lowering &l, mlir::Value input, mlir::Value weight, mlir::Value experts, mlir::Value bias,
                          int64_t rowsOfInput);

/// All elements as one dimension.
mlir::Value flattened(Lowering &l, mlir::Value tensor);

} // namespace ph::conversion
