// Rotary position embeddings.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// Cosines and sines of the angles of tokens, times the attention factor: [batch, sequence, pairs].
struct RopeTables {
  mlir::Value cos, sin;
};

/// Those of old positions. They are made once for all rotations by them, where the positions are; for a slice of
/// positions it is a slice of theirs, and the length that angles may depend on is that of the whole.
RopeTables ropeTablesOf(Lowering &l, mlir::Value positions, xf::RopeAttr rope);

/// Rotates the last dimension of `tensor`, a head, into `into`, which has its shape. Tables are read at `row` and the
/// number of the pair. The result takes the place of `into`, in its type of elements.
mlir::Value rotateInto(Lowering &l, mlir::Value tensor, mlir::Value into, RopeTables tables,
                       llvm::ArrayRef<mlir::AffineExpr> row, xf::RopeAttr rope);

/// A tensor's elements in the place of `into`, which has its shape, in its type of elements.
mlir::Value copyInto(Lowering &l, mlir::Value tensor, mlir::Value into);

} // namespace ph::conversion
