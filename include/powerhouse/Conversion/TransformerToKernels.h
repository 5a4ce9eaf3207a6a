// From an xf model to a step function that calls kernels.
#pragma once
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph::conversion {

/// `convert-transformer-to-kernels`: replaces @forward and the weights of a module by the function ph_step
/// (runtime/formats/StepABI.h) and declarations of the kernels that it calls
/// (powerhouse/Interfaces/KernelDeclaration.h). Activations get memory in an arena, weights get the offsets of
/// planWeights; the module's attribute `xf.step` says how much memory the step needs.
std::unique_ptr<mlir::Pass> createConvertTransformerToKernelsPass();

} // namespace ph::conversion

namespace ph {
/// Registers the passes of lib/Conversion with mlir-opt-like tools.
void registerConversionPasses();
} // namespace ph
