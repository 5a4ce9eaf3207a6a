// Forward mode: tangents of the operands of ops become tangents of their results, from the first op to the last.
#pragma once
#include "lib/Autodiff/Pullback.h"

namespace ph::autodiff {

/// The tangents of values. New ops are made where `p` stands.
class Pushforward {
public:
  explicit Pushforward(const Primitives &p) : p(p) {}

  /// Null where it is zero.
  mlir::Value tangentOf(mlir::Value value) const { return tangents.lookup(value); }
  /// Adds to the tangent of a value; null adds nothing.
  void add(mlir::Value value, mlir::Value tangent);

  mlir::LogicalResult push(llvm::ArrayRef<mlir::Operation *> ops);
  /// As Pullback::spelled.
  mlir::LogicalResult spelled(mlir::Operation *op,
                              llvm::function_ref<llvm::SmallVector<mlir::Value>(Primitives &)> spell);
  /// The pushforward of an op that is linear in each of its operands that have a tangent, the others being constant.
  mlir::LogicalResult multilinear(mlir::Operation *op);

  Primitives p;

private:
  llvm::DenseMap<mlir::Value, mlir::Value> tangents;
};

/// The pushforward of a loop: a loop that carries tangents too.
mlir::LogicalResult pushLoop(Pushforward &push, xf::RepeatOp loop);

} // namespace ph::autodiff
