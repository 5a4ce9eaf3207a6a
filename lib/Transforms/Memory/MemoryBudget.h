// What passes that trade memory for time are told.
#pragma once
#include "lib/Transforms/Memory/KeptValues.h"
#include "mlir/IR/MLIRContext.h"

namespace ph {

/// Bytes that may be taken, and the batch that takes them.
struct MemoryBudget {
  double bytes = 0;
  BatchPoint at = {};

  /// Of the options `budget` (a size, or all), `tokens` and `context` (0: as many) of `pass`. Fails with a diagnostic.
  static mlir::FailureOr<MemoryBudget> read(mlir::MLIRContext *context, llvm::StringRef pass, const std::string &budget,
                                            int64_t tokens, int64_t positions);
};

} // namespace ph
