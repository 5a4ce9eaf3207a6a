// Passes that change how long a context a model takes, and how it knows positions. Passes.td says what each does.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Context/Passes.h.inc"

} // namespace ph
