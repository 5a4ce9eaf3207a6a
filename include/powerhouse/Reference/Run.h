// Running a function of a module on the interpreter, with inputs from a file or a seed, and comparing what it gives.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "powerhouse/Reference/Interpreter.h"
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ph::reference {

/// What seeded arguments of floats are filled with.
enum class Fill {
  Random, ///< mean 0 and variance 1
  Zeros,
  Large,  ///< random, times 100
  Tiny,   ///< random, times 1e-4, so that the eps of a norm counts
  Masked, ///< random; the first half of each row of a mask or of choices of 0 and 1 is 0, and the first row all of it
};

/// What to run on what.
struct RunOptions {
  std::string function; ///< empty: @forward or @main, or the module's only function with a body
  std::string inputs;   ///< safetensors with arguments, by name; those that are absent are made from the seed
  std::string expect;   ///< safetensors with expected results, by name
  std::string outputs;  ///< safetensors to write the results to
  std::string weights;  ///< file with the sources of weights; empty: made from the seed
  /// Opens `weights`; empty: as a safetensors file. A tool that has the importer can open checkpoints.
  std::function<Expected<std::unique_ptr<WeightProvider>>(const std::string &)> openWeights;
  std::vector<std::string> dims;   ///< shapes of arguments that are made from the seed, "tokens=2x5"
  int64_t batch = 2, sequence = 3; ///< of dynamic dimensions of arguments that are made from the seed
  Fill fill = Fill::Random;
  uint64_t seed = 0;
  double absolute = 1e-5, relative = 1e-5; ///< |got - expected| ≤ absolute + relative · |expected|
  Precision precision = Precision::F32;
};

/// Arguments of a function, made from file and seed.
///
/// An argument is called by its attribute xf.name, or arg0, arg1, …; a cache called c is the pair c.keys and c.values,
/// [layers, batch, positions, heads · head_dim]. Dynamic dimensions that nothing states are `batch` and
/// `sequence`, or those of the first argument of rank 2 or more that is stated: by file, by `dims` or, if it is no
/// weight, by its type. Seeded integers are valid for what they
/// are used as: tokens are in the table, rows in the batch, pasts below 4. A seeded cache holds as many positions as
/// the pasts say. An index is 1. Failures are reported at the function.
mlir::FailureOr<llvm::SmallVector<Value>> makeInputs(mlir::func::FuncOp function, const RunOptions &options);

/// The weights that a run uses: those of the file, or seeded ones.
Expected<std::unique_ptr<WeightProvider>> openWeights(const RunOptions &options);

/// The named tensors that a function's results are: the attribute xf.name of each, or out0, out1, …; caches as in
/// makeInputs.
std::map<std::string, Tensor> nameResults(mlir::func::FuncOp function, llvm::ArrayRef<Value> results);

/// The largest difference of two tensors of as many elements.
struct Difference {
  double error = 0;  ///< |got - expected|; infinite where one is not a number and the other is, or only one is infinite
  double excess = 0; ///< the largest error / (absolute + relative · |expected|)
  size_t index = 0;  ///< flat, where the excess is
  double got = 0, expected = 0;
};
Difference compare(llvm::ArrayRef<double> got, llvm::ArrayRef<double> expected, double absolute, double relative);

/// Runs and reports: with expected results a line for each compared tensor with its largest error, otherwise each
/// result's shape and first values. Fails, with a diagnostic, where anything can't be run or read or differs by more
/// than it may.
mlir::LogicalResult runModule(mlir::ModuleOp module, const RunOptions &options, llvm::raw_ostream &out);

/// A pass that does runModule, so that it can stand behind others. The stream must outlive it.
std::unique_ptr<mlir::Pass> createRunPass(RunOptions options, llvm::raw_ostream &out);

} // namespace ph::reference
