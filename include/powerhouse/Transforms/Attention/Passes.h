// Passes that find attention and change how it is computed. Passes.td says what each does.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Attention/Passes.h.inc"

} // namespace ph
