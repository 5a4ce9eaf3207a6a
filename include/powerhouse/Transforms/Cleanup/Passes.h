// Passes that tidy what there is, so that others see through it and nothing is made in vain. Passes.td says what each
// does.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Cleanup/Passes.h.inc"

} // namespace ph
