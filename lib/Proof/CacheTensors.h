// A pass may make two tensors of each cache of a function, keys and values [slot, layer, head, position, feature] each:
// what it computes is compared still.
#pragma once
#include "lib/Proof/Samples.h"

namespace ph::proof {

/// Whether `after` takes and gives what `before` does, but that caches are such tensors.
bool takesCachesAsTensors(mlir::FunctionType before, mlir::FunctionType after);

/// Inputs of `before` on a sample as `after` takes them. The tensors have room for a sequence more than they hold, for
/// what `given`, the outcome of `before` on them, has in its caches, and for some positions that nothing should be
/// written to; what a sequence doesn't have is zero.
llvm::SmallVector<reference::Value> cachesAsTensors(mlir::func::FuncOp before, const Sample &sample,
                                                    llvm::ArrayRef<reference::Value> inputs, const Outcome &given);

/// What a function with tensors gave as `before` gives it. Sequences and positions beyond those of `like` are left out
/// where they are zero still.
Outcome tensorsAsCaches(mlir::func::FuncOp before, Outcome got, const Outcome &like);

} // namespace ph::proof
