// Passes that join ops, so that values needn't be written and read again. Passes.td says what each does.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Fusion/Passes.h.inc"

} // namespace ph
