// Which values depend on what is differentiated by.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "llvm/ADT/DenseSet.h"

namespace ph::autodiff {

/// Whether a value can have a derivative: a tensor of plain f32.
bool isDifferentiable(mlir::Type type);

class Activity {
public:
  /// Differentiated by `value`, or by what it was made of.
  void add(mlir::Value value) { active.insert(value); }
  bool contains(mlir::Value value) const { return active.contains(value); }
  /// Marks the results of an op that depend on active operands, or on active values that its regions use.
  void follow(mlir::Operation *op);
  /// For each value that a loop carries whether it is active in some iteration.
  llvm::SmallVector<bool> inLoop(xf::RepeatOp loop) const;

private:
  llvm::DenseSet<mlir::Value> active;
};

} // namespace ph::autodiff
