// Passes that find what primitives spell out. Passes.td says what each does.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Recognition/Passes.h.inc"

} // namespace ph
