// Rotations and their transposes.
#pragma once
#include "lib/Autodiff/Rules/Rules.h"

namespace ph::autodiff {

/// Rotates heads as xf.rope does.
mlir::Value rotate(Primitives &p, mlir::Value value, mlir::Value positions, int64_t heads, xf::RopeAttr rope);
/// The transpose of that.
mlir::Value rotateBack(Primitives &p, mlir::Value value, mlir::Value positions, int64_t heads, xf::RopeAttr rope);

} // namespace ph::autodiff
