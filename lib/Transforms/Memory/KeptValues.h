// What of the iterations of a loop is kept for the way back, and what that saves.
#pragma once
#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Memory/LoopTwins.h"
#include "llvm/ADT/SetVector.h"

namespace ph {

/// How many rows a batch has, all sequences together, and how many positions a sequence.
struct BatchPoint {
  int64_t tokens, context;
};

/// Batch and length of a tensor, its dynamic dimensions, are the rows together; what else is dynamic counts positions.
double bytesOf(mlir::Type type, BatchPoint at);

/// The choice for one pair of loops. Time is in FLOP.
class KeptValues {
public:
  KeptValues(const LoopTwins &twins, BatchPoint at);

  struct Gain {
    mlir::Value value;
    double perByte = 0; ///< time that keeping it saves
  };
  /// The value that saves most for each byte among those that take at most `room` bytes; none where none is worth it.
  Gain best(double room);
  /// Keeps `value`, and no longer what that makes needless. Returns how many bytes that is more.
  double keep(mlir::Value value);

  /// What an iteration of the second loop computes again.
  double timeAgain();
  /// The dimension outside of the first loop that a dimension of a value in it is; none where that isn't known.
  std::optional<xf::Dim> outerDim(mlir::Value value, int64_t axis);

  LoopTwins twins;
  llvm::SmallSetVector<mlir::Value, 16> kept; ///< results of ops of the second loop

private:
  double bytes(mlir::Value value) const { return count * bytesOf(value.getType(), at); }
  bool canBeKept(mlir::Value again, mlir::Value original);

  BatchPoint at;
  double count, now = 0;
  llvm::DenseMap<mlir::Operation *, double> times; ///< of what is computed again
  llvm::SmallVector<mlir::Value> candidates;
};

} // namespace ph
