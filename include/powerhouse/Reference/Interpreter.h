// Runs functions on host tensors: plain loops, no cleverness, the judge of every pass and every kernel.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Interfaces/ReferenceOpInterface.h"
#include "powerhouse/Reference/Value.h"
#include "powerhouse/Reference/WeightProvider.h"
#include <random>

namespace ph::reference {

/// How results are kept. Sums are always formed in double.
enum class Precision {
  F32, ///< every op's results are rounded to f32 once
  F64, ///< nothing is rounded, for differences that must be accurate
};

/// In what a run deviates from what the IR says, to judge what changes values on purpose.
struct Deviations {
  bool exactActivations = false; ///< activations with an encoding are not rounded to what it keeps
  bool exactCaches = false;      ///< caches of f16 are not rounded to that
  bool exactWeights = false;     ///< what the provider gives is not encoded, whatever the weight says
  /// A row of attention that a mask hides all of gives NaN: of xf.attention one that sees nothing, or nothing above
  /// -1e4; of attention in primitives one whose scores are all -1e4 or less, or have that added.
  bool hiddenRowsAreNan = false;
  /// If not 0, arguments and results of f32 are moved at random, by one unit in the last place up or down, or left,
  /// where they are no integers: how far results are then shows what rounding can do (Monte Carlo arithmetic, Parker
  /// 1997).
  uint64_t jitter = 0;
};

/// What an op may ask for while it is evaluated, and where values live.
class Context {
public:
  Context(WeightProvider &weights, Precision precision = Precision::F32, Deviations deviations = {})
      : weightSource(weights), mode(precision), deviates(deviations), random(deviations.jitter) {}

  Precision precision() const { return mode; }
  const Deviations &deviations() const { return deviates; }
  WeightProvider &weights() { return weightSource; }

  /// Appends `tensor` as the next result of `op`: checks it against the result's type, rounds it to f32 and, if the
  /// type has an activation encoding, to what that keeps.
  mlir::LogicalResult give(mlir::Operation *op, Tensor tensor, llvm::SmallVectorImpl<Value> &results);

  /// Rounds to f32, and moves by `jitter`.
  double round(double x);

  /// What a value that an op's region takes from outside has.
  const Value &valueOf(mlir::Value value) const { return frame.find(value)->second; }

  /// Runs a block with its arguments; `results` are the operands of its terminator.
  mlir::LogicalResult run(mlir::Block &block, llvm::ArrayRef<Value> arguments, llvm::SmallVectorImpl<Value> &results);
  /// Runs a function that has a body.
  mlir::LogicalResult call(mlir::func::FuncOp function, llvm::ArrayRef<Value> arguments,
                           llvm::SmallVectorImpl<Value> &results);

private:
  using Frame = llvm::DenseMap<mlir::Value, Value>;

  WeightProvider &weightSource;
  Precision mode;
  Deviations deviates;
  std::mt19937_64 random;
  Frame frame;
  unsigned depth = 0;
};

/// Attaches the reference semantics to the ops of xf, and to those of func, arith, math, tensor, linalg and
/// scf that stand between them or that they are rewritten to.
void registerReferenceModels(mlir::DialectRegistry &registry);

} // namespace ph::reference
