// Passes on what training adds. Passes.td says what each does.
#pragma once
#include "dialects/Training/Training.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Training/Passes.h.inc"

} // namespace ph
