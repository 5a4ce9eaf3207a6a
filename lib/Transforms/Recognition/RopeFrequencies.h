// The rope whose frequencies some numbers are.
#pragma once
#include "lib/Transforms/Recognition/SpelledRope.h"

namespace ph {

/// The rope of `found`'s style, frequencies and factor, to the precision of f32; null if none is known.
xf::RopeAttr findRope(mlir::MLIRContext *context, const SpelledRope &found);

} // namespace ph
