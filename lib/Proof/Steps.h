// A pass may let a function of whole texts, tokens [batch, sequence] to scores [batch, sequence, vocabulary], take them
// in steps: (tokens, past, rows, cache) to (scores [rows, vocabulary], cache). What it computes is compared still.
#pragma once
#include "lib/Proof/Samples.h"

namespace ph::proof {

/// Whether `after` takes in steps what `before` takes whole.
bool takesSteps(mlir::FunctionType before, mlir::FunctionType after);

/// What `after` gives of the inputs of `before` as the result of that: half of the tokens first, then half of those
/// that are left, down to the last; the cache is empty at first.
Outcome runInSteps(mlir::func::FuncOp before, mlir::func::FuncOp after, llvm::ArrayRef<reference::Value> inputs,
                   reference::WeightProvider &weights, reference::Precision precision,
                   reference::Deviations deviations);

} // namespace ph::proof
