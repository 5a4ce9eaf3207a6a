// The extension point of the interpreter: what an op computes.
#pragma once
#include "mlir/IR/OpDefinition.h"

namespace ph::reference {
class Context;
class Value;
} // namespace ph::reference

#include "lib/Interfaces/ReferenceOpInterface.h.inc"
