// Inputs on which functions are compared, and running functions on them.
#pragma once
#include "powerhouse/Proof/VerifyValues.h"
#include "powerhouse/Reference/Run.h"

namespace ph::proof {

/// One choice of inputs for a function.
struct Sample {
  int64_t batch, sequence; ///< of dynamic dimensions
  reference::Fill fill;
  uint64_t seed;
  /// "large inputs of batch 2 and sequence 3".
  std::string describe() const;
};

/// What a function gave: results by name, or why it can't be run.
struct Outcome {
  std::map<std::string, reference::Tensor> results;
  std::string refusal;
};

/// The samples for a function: for each size the random ones and each special kind that its arguments allow.
std::vector<Sample> planSamples(mlir::func::FuncOp function, const VerifyOptions &options);

/// Why the interpreter can't run the function whatever its inputs; empty if it can try.
std::string findMissingSemantics(mlir::func::FuncOp function);

/// Whether the function has an op that jumps where values change a little, so that how far values move says nothing.
bool hasChoice(mlir::func::FuncOp function);

/// The arguments of a sample; empty, with `refusal` set, where they can't be made.
llvm::SmallVector<reference::Value> makeSample(mlir::func::FuncOp function, const Sample &sample, std::string &refusal);

/// Runs a function. Diagnostics become the refusal.
Outcome runFunction(mlir::func::FuncOp function, llvm::ArrayRef<reference::Value> inputs,
                    reference::WeightProvider &weights, reference::Precision precision,
                    reference::Deviations deviations = {});

/// How many positions a run with these inputs has at most: the largest second dimension of a tensor, behind a past.
int64_t countPositions(llvm::ArrayRef<reference::Value> inputs);

} // namespace ph::proof
