// Inputs of adapters are left out at random in training.
#pragma once
#include "lib/Training/TrainingFunction.h"

namespace ph {

/// Puts train.dropout before the first product of each adapter of a function (`lora_dropout`), each with numbers of its
/// own; what they are drawn by is another argument, `key`.
void addAdapterDropout(mlir::func::FuncOp function, double probability);

/// Takes all dropout out of a function again, and `key`: what evaluates leaves out nothing.
void removeDropout(mlir::func::FuncOp function);

} // namespace ph
