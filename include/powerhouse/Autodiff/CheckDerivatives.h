// Judges derivatives: reverse and forward mode beside differences of the function itself.
#pragma once
#include "mlir/Pass/Pass.h"
#include "powerhouse/Reference/Run.h"

namespace ph::autodiff {

/// What to check, and where.
struct CheckOptions {
  /// The function (empty: each that has a body), and what its arguments and weights are made of.
  reference::RunOptions run;
  std::vector<std::string> wrt; ///< arguments to differentiate by; empty: all of floats
  unsigned points = 2;          ///< places at which each function is differentiated
  bool alongAll = false;        ///< only along all arguments at once
  /// Changes derivative functions before they are evaluated: for tests of the check itself.
  std::function<void(mlir::func::FuncOp)> spoil;
};

/// A pass that differentiates functions of xf by reverse and by forward mode, evaluates both in f64 on the interpreter
/// at seeded points, along seeded directions v and with seeded gradients u of the results, and compares, each to 1e-6:
///
/// * J v by forward mode, element by element, with central differences of fourth order of the function;
/// * uᵀ J v by reverse mode with those differences;
/// * the same two by forward and by reverse mode with each other;
/// * what either gives beside, with the function: its results, and sums of gradients that were there before.
///
/// Directions are along each argument alone, and along all at once. Where differences of two step sizes disagree
/// there is a kink between them (the largest of two that are nearly equal, a relu at nearly 0, experts that score
/// alike), and the point says nothing: the next seed's is taken. A line for each function counts comparisons, points
/// that were passed over so, and the largest error, and so does one for all. Fails, with a message, at a function with
/// a larger one, one that can't be differentiated or evaluated, and one without a point; and where nothing was
/// compared.
std::unique_ptr<mlir::Pass> createCheckDerivativesPass(CheckOptions options, llvm::raw_ostream &out);

/// Lists the ops of xf and train: a line for each with its name, "rule" or "none", and its attributes.
void listDerivativeRules(mlir::MLIRContext &context, llvm::raw_ostream &out);

} // namespace ph::autodiff
