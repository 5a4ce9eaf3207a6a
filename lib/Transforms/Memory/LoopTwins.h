// A loop, and one behind it that computes again what it computed: as autodiff reverses loops.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "llvm/ADT/MapVector.h"

namespace ph {

/// A loop that keeps values in stacks, layer by layer, and a later one in the same block whose iterations each read one
/// layer of these and compute again what the first loop computed of them.
struct LoopTwins {
  xf::RepeatOp first, second;
  mlir::Value layer; ///< in `second`: the number of the iteration of `first` that it repeats
  /// Ops of the body of `second` that compute again what ops of that of `first` compute, and these ops.
  llvm::MapVector<mlir::Operation *, mlir::Operation *> again;
  /// The results of `first` that are such stacks, as far as `second` reads them.
  llvm::SmallVector<mlir::Value> stacks;
};

/// The twins that `block` holds. Ops are the same if they have the same name, attributes, types and operands, up to
/// what is kept and the layer's number, and have no effects and no regions.
llvm::SmallVector<LoopTwins> findLoopTwins(mlir::Block &block);

} // namespace ph
