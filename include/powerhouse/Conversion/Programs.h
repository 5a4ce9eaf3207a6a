// From functions on tensors to programs: functions that a team of threads runs on planned memory.
#pragma once
#include "mlir/Pass/Pass.h"
#include <memory>

namespace ph::conversion {

/// The attribute of a function that is a program, and of a module that lists its programs: an array of dictionaries
/// {name, symbol, plan, inputs, results}, where an input or result is {name, shape (-1: dynamic), element, [updates]};
/// `updates` of a result is the number of the input that it changes in place.
inline constexpr llvm::StringLiteral kProgramAttr = "xf.program";
inline constexpr llvm::StringLiteral kProgramsAttr = "xf.programs";

/// `fuse-elementwise`: an op of linalg whose only use is in another is computed there, element by element, as MLIR's
/// linalg-fuse-elementwise-ops does; but not one that updates its output in place, nor what computes for a product.
std::unique_ptr<mlir::Pass> createFuseElementwisePass();

/// `merge-elementwise`: an op of linalg that computes each element by itself, and another that reads these elements
/// while later ones do too, become one op with the results of both: what makes several new states of the same inputs
/// (weights and the moments of an optimizer) reads and writes each once.
std::unique_ptr<mlir::Pass> createMergeElementwisePass();

/// `accumulate-products`: a product that something of its shape is added to, and that is used for nothing else, starts
/// its sums with that: gradients accumulate where they are. Rounds in another order than a sum of both.
std::unique_ptr<mlir::Pass> createAccumulateProductsPass();

/// `share-products`: a product of tensors (not of packed weights, which kernels take whole) becomes tiles that threads
/// share, which a kernel (tile_product) computes.
std::unique_ptr<mlir::Pass> createShareProductsPass();

/// `convert-functions-to-programs`: gives each public function the signature of ProgramFn
/// (runtime/formats/ProgramABI.h). A result with the name and type of an input is that input's memory. Its tensors
/// become views of the caller's memory, weights views of the packed weights (planWeights), and what is left of xf,
/// products with weights and look-ups in tables, becomes step.kernel. The program returns the dynamic sizes of its
/// results, until its memory is planned.
std::unique_ptr<mlir::Pass> createConvertFunctionsToProgramsPass();

/// `make-operands-whole`: what step.kernel reads from or writes to memory with gaps (a slice of wider rows) goes
/// through a copy without them.
std::unique_ptr<mlir::Pass> createMakeOperandsWholePass();

/// `plan-program-memory`: memory.alloc in programs, outside of what threads share, become views of the arena, which
/// buffers share whose lifetimes don't meet. Makes the ProgramPlanFn of each.
std::unique_ptr<mlir::Pass> createPlanProgramMemoryPass();

/// `convert-loops-to-phases`: linalg.generic, copies, scf.forall and step.kernel on memory, each a phase whose units
/// threads claim; in them loops, the innermost with vectors where elements lie side by side.
std::unique_ptr<mlir::Pass> createConvertLoopsToPhasesPass();

/// `approximate-math`: exp, expm1, tanh, erf, log and log1p as polynomials (those of MLIR, after Cephes), so that loops
/// with them are vectorized.
std::unique_ptr<mlir::Pass> createApproximateMathPass();

} // namespace ph::conversion

namespace ph {
/// Registers the dialects between tensors and programs, and how their ops use memory.
void registerProgramDialects(mlir::DialectRegistry &registry);
} // namespace ph
