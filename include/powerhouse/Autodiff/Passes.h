// Passes that make derivatives; Passes.td says what they do.
#pragma once
#include "dialects/Training/Training.h"
#include "mlir/Pass/Pass.h"

namespace ph {

#define GEN_PASS_DECL
#include "lib/Autodiff/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "lib/Autodiff/Passes.h.inc"

} // namespace ph
