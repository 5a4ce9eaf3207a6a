// Passes on what training adds. Passes.td says what each does.
#pragma once
#include "dialects/Training/Training.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph {

/// Of an argument that is a weight: the checkpoint's tensors that it holds, in order, and the rank of each.
inline constexpr llvm::StringLiteral kTensorsAttr = "train.tensors", kTensorRankAttr = "train.rank";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Training/Passes.h.inc"

} // namespace ph
