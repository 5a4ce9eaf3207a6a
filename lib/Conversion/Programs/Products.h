// Products with weights and look-ups in tables, as kernels.
#pragma once
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "powerhouse/Conversion/WeightPlan.h"

namespace ph::conversion {

/// Replaces xf.linear, xf.logits, xf.gated_linear and xf.embedding in `function` by step.kernel, and what else loads a
/// weight by a view of `memory`, the packed weights. Emits an error and fails at an option that no kernel has.
mlir::LogicalResult convertProducts(mlir::func::FuncOp function, const WeightPlan &weights, mlir::Value memory);

} // namespace ph::conversion
