// What losses of labels are made of.
#pragma once
#include "lib/Autodiff/Rules/Rules.h"

namespace ph::autodiff {

/// log(e^z / Σ e^z) along the last dimension.
mlir::Value logProbabilities(Primitives &p, mlir::Value z);
/// i1, of the shape of z, [..., V]: where the labels, [...], stand.
mlir::Value whereLabeled(Primitives &p, mlir::Value labels, mlir::Value z);

} // namespace ph::autodiff
