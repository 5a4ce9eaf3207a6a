// What rows become of which only one number is wanted.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// i32: of each row of a new tensor the place of the largest finite element, the first of several; 0 where there is
/// none.
mlir::Value argmaxOfRows(Lowering &l, mlir::Value tensor);
/// e^(x - m) / Σ e^(x - m) along a dimension, m the largest.
mlir::Value softmaxAlong(Lowering &l, mlir::Value tensor, int64_t axis);

} // namespace ph::conversion
