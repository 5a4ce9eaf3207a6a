// Functions evaluated in f64, and their central differences.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Reference/Interpreter.h"

namespace ph::autodiff {

using reference::Tensor;
/// One tensor for each argument or result; those that are none are empty.
using Tensors = std::vector<Tensor>;

/// Evaluates functions on one set of weights.
class Evaluator {
public:
  explicit Evaluator(reference::WeightProvider &weights) : weights(weights) {}
  /// The results, of which all are tensors. A failure has been reported.
  mlir::FailureOr<Tensors> operator()(mlir::func::FuncOp function, llvm::ArrayRef<reference::Value> arguments);

private:
  reference::WeightProvider &weights;
};

/// The derivatives of all results along one direction.
struct Difference {
  Tensors derivatives;
  bool smooth = true; ///< that two step sizes give the same
};

/// Central differences of fourth order at `arguments` along `direction`, whose empty tensors are zeros: with steps of
/// h = 1e-4 they are off by h⁴ f⁽⁵⁾ / 30 and by the rounding of f / h, each far below 1e-6 where f is smooth. `count`
/// results are looked at.
mlir::FailureOr<Difference> differentiate(Evaluator &evaluate, mlir::func::FuncOp function,
                                          llvm::ArrayRef<reference::Value> arguments, llvm::ArrayRef<Tensor> direction,
                                          llvm::ArrayRef<Tensor> values);

/// The largest |x|; 0 of nothing.
double largest(llvm::ArrayRef<double> values);

/// What an error of a derivative is relative to: the largest element, but no less than what differences can tell from
/// the rounding of the values.
double scaleOf(const Tensor &derivative, const Tensor &value);

} // namespace ph::autodiff
