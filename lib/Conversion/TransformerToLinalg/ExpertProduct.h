// Products with the matrices of experts that are known only at run time.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// y[…] = W_e x + bias_e with e = experts[…]: […, N]. New values: `weight` [E, N, K], `experts` […], `bias` [E, N] or
/// null, and `input`, […, K] or, where each of a last dimension of experts sees the same row, without that dimension.
mlir::Value expertProduct(Lowering &l, mlir::Value input, mlir::Value weight, mlir::Value experts, mlir::Value bias);

} // namespace ph::conversion
