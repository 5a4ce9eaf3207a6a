// Reverse mode: gradients of the results of ops become gradients of their operands, from the last op to the first.
#pragma once
#include "lib/Autodiff/Activity.h"
#include "lib/Autodiff/Gradients.h"
#include "llvm/ADT/DenseMap.h"

namespace ph::autodiff {

/// The gradients of the values of one block. New ops are made where `p` stands.
class Pullback {
public:
  /// Ops that have been replaced stay until the end, so that no new value is taken for one of theirs.
  using Replaced = llvm::SmallVector<mlir::Operation *>;

  Pullback(const Primitives &p, Activity &activity, Replaced &replaced)
      : p(p), activity(activity), replaced(replaced) {}

  bool wants(mlir::Value value) const { return activity.contains(value); }
  /// Null where it is zero.
  mlir::Value gradientOf(mlir::Value value) const { return gradients.lookup(value); }
  /// Adds to the gradient of a value; of one that wants none, nothing happens.
  void add(mlir::Value value, mlir::Value gradient);
  /// The same, for a value that was repeated to the shape of `gradient`.
  /// (see sumToLike).
  mlir::LogicalResult addSummed(mlir::Operation *op, mlir::Value value, mlir::Value gradient, int64_t inner = 0);
  /// Sets it, whatever it was.
  void set(mlir::Value value, mlir::Value gradient) { gradients[value] = gradient; }

  /// From the last op to the first. Fails, with a message, at an op that has no rule.
  mlir::LogicalResult reverse(llvm::ArrayRef<mlir::Operation *> ops);

  /// The pullback of an op as that of other ops that compute the same: `spell` makes them and gives what takes the
  /// place of the op's results, null for one that needs none.
  mlir::LogicalResult spelled(mlir::Operation *op,
                              llvm::function_ref<llvm::SmallVector<mlir::Value>(Primitives &)> spell);

  Primitives p;
  Activity &activity;
  Replaced &replaced;

private:
  mlir::LogicalResult reverse(mlir::Operation *op);
  llvm::DenseMap<mlir::Value, mlir::Value> gradients;
};

/// The pullback of a loop: another loop, which runs backwards.
mlir::LogicalResult reverseLoop(Pullback &pull, xf::RepeatOp loop);

/// The ops that `make` makes where `p` stands.
llvm::SmallVector<mlir::Operation *> opsMadeBy(Primitives &p, llvm::function_ref<void()> make);

} // namespace ph::autodiff
