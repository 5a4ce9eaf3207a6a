// Passes that answer questions and change nothing. Passes.td says what each does.
#pragma once
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Analysis/Passes.h.inc"

} // namespace ph
