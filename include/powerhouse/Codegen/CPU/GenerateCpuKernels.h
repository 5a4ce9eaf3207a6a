// The pass that makes the kernels a step asks for.
#pragma once
#include "mlir/Pass/Pass.h"
#include <memory>
#include <string>

namespace ph::codegen {

/// `generate-cpu-kernels{level=…}`: gives each declared kernel of a module (powerhouse/Interfaces/KernelDeclaration.h)
/// its body for that CPU level. Emits an error and fails where a kernel's options are beyond what generators support.
/// With `onlyCheck` that is all, and the module stays as it is.
std::unique_ptr<mlir::Pass> createGenerateCpuKernelsPass(const std::string &level = "x86-64-v3",
                                                         bool onlyCheck = false);

} // namespace ph::codegen

namespace ph {
/// Registers the passes of lib/Codegen with mlir-opt-like tools.
void registerCodegenPasses();
} // namespace ph
