// The extension point of autodiff: what an op's derivative is.
#pragma once
#include "mlir/IR/OpDefinition.h"

namespace ph::autodiff {
class Pullback;
class Pushforward;
} // namespace ph::autodiff

#include "lib/Interfaces/DifferentiableOpInterface.h.inc"
