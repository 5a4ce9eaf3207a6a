// Finds ops that repeat in a block.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include <string>

namespace ph {

/// `count` copies of `period` ops each, from number `start` on of the ops that are looked at.
struct LayerRun {
  int64_t start = 0, period = 0, count = 0;
  int64_t size() const { return period * count; }
};

/// Weights and constants: what layers may differ in, and what stands anywhere.
bool isLeaf(mlir::Operation *op);

/// Whether two ops do the same with their operands: equal but for operands and results.
bool doTheSame(mlir::Operation *a, mlir::Operation *b);

/// What two ops of one name differ in, as a sentence.
std::string describeDifference(mlir::Operation *a, mlir::Operation *b);

/// The longest runs, longest first, the shortest period first among equally long ones: at most a few for each period.
/// With `names` ops are the same where their names are.
llvm::SmallVector<LayerRun> findRuns(llvm::ArrayRef<mlir::Operation *> ops, bool names);

} // namespace ph
