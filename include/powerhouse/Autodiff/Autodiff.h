// Derivatives of functions of xf, as functions of xf.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>

namespace ph::autodiff {

/// What to differentiate, and by what. Names are those of `xf.name`, or numbers where there is none.
struct Request {
  std::string of;                     ///< a result
  llvm::SmallVector<std::string> wrt; ///< arguments; empty: all of floats
  bool accumulate = false;            ///< gradients that were there before are arguments, and are added to
  std::string name;                   ///< of the new function; empty: that of the old one and a suffix
};

/// The function that gives, after the results of `function`, the gradients of `of` (reverse mode, see xf-autodiff). It
/// stands behind `function`. Fails, with a message, where an op has no derivative.
mlir::FailureOr<mlir::func::FuncOp> buildGradient(mlir::func::FuncOp function, const Request &request);

/// The function that gives, after the results of `function`, the derivative of `of` along a direction (forward mode,
/// see xf-jvp).
mlir::FailureOr<mlir::func::FuncOp> buildTangent(mlir::func::FuncOp function, const Request &request);

/// Gives ops their derivative rules.
void registerDerivativeRules(mlir::DialectRegistry &registry);

} // namespace ph::autodiff
