// Scores of the vocabulary.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// What xf.logits makes of an old input and an old weight; it stays where products stay. Attributes may be null.
mlir::Value scoresOf(Lowering &l, mlir::Value input, mlir::Value weight, mlir::FloatAttr scale,
                     mlir::FloatAttr softCap);

} // namespace ph::conversion
