// Scores of the vocabulary.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// What xf.logits makes of an old input and an old weight; it stays where products stay. Attributes may be null.
mlir::Value scoresOf(Lowering &l, mlir::Value input, mlir::Value weight, mlir::FloatAttr scale,
                     mlir::FloatAttr softCap);
/// The same of a new input.
mlir::Value scoresOfRows(Lowering &l, mlir::Value input, mlir::Value weight, mlir::FloatAttr scale,
                         mlir::FloatAttr softCap);
/// From the gradient of the product of rows and an old weight, a new tensor […, V], to that of the rows, […, K].
mlir::Value backOfRows(Lowering &l, mlir::Value gradient, mlir::Value weight);

} // namespace ph::conversion
