// What ValueVerifier keeps while passes run.
#pragma once
#include "lib/Proof/Difference.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "powerhouse/Interfaces/ValueChange.h"

namespace ph::proof {

/// The name of the pass that fails a pass manager after a difference.
inline constexpr llvm::StringLiteral kEndOfVerification = "EndOfVerification";

/// A function on one sample.
struct Recorded {
  Sample sample;
  llvm::SmallVector<reference::Value> inputs;
  Outcome exact;                  ///< in f64
  std::optional<Outcome> rounded; ///< in f32, where it was needed
};

/// A function on all samples.
struct Record {
  std::string refusal; ///< why it can't be run at all
  std::vector<Recorded> samples;
  std::map<std::string, unsigned> refusedSamples; ///< "batch 1 and sequence 1: why", and how many
};

/// What a pass's change of values leaves to compare.
using Change = ValueChange::Kind;

/// What a function gives after a pass.
struct Gotten {
  Outcome exact;                  ///< in f64
  std::optional<Outcome> rounded; ///< in f32, where it ran on the same terms
  bool hidden = false;            ///< all of it depends on rows that a mask hides, so that nothing was compared
};

/// Compares one sample of `before` with what `after` gives on it, which goes to `got`, on the terms of `change`.
std::optional<Difference> compareSample(mlir::func::FuncOp before, Recorded &recorded, mlir::func::FuncOp after,
                                        Change change, reference::WeightProvider &weights, Gotten &got);

/// "@forward"; in nested modules "@inner::@forward".
std::string pathOf(mlir::func::FuncOp function);
/// The function of that path; null if there is none.
mlir::func::FuncOp findFunction(mlir::Operation *root, llvm::StringRef path);

/// What must stay true while a module is reduced: that a pass changes what a function gives for a sample.
struct Finding {
  std::string pass; ///< as in a textual pipeline, "xf-do-thing{option=1}"
  std::string function;
  Sample sample;
  Change change;
};

/// Reduces `module`, on which `finding` is true, and writes it to the file with the command that shows the difference.
/// Returns what to tell the user about it.
std::string writeReproducer(mlir::ModuleOp module, const Finding &finding, const VerifyOptions &options,
                            reference::WeightProvider &weights);

class ValueVerifier::Judge {
public:
  explicit Judge(VerifyOptions options) : options(std::move(options)) {}

  void before(mlir::Pass *pass, mlir::Operation *op);
  void after(mlir::Pass *pass, mlir::Operation *op);
  void afterFailed(mlir::Pass *pass);
  void report(llvm::raw_ostream &out) const;

  VerifyCounts counts;

private:
  using Records = std::map<std::string, Record>;

  /// A pass that runs.
  struct Frame {
    mlir::Pass *pass;
    std::string pipeline;
    mlir::OperationFingerPrint fingerprint;
    mlir::OwningOpRef<mlir::ModuleOp> module; ///< a copy from before
    Records records;                          ///< what is known of it
  };

  reference::WeightProvider *getWeights(mlir::ModuleOp module);
  Record record(mlir::func::FuncOp function);
  void judge(Frame &frame, mlir::func::FuncOp before, mlir::func::FuncOp after, Records &next);
  void compare(Frame &frame, mlir::func::FuncOp before, mlir::func::FuncOp after, const ValueChange &change,
               Records &next);
  void fail(Frame &frame, mlir::func::FuncOp function, const Sample &sample, const std::string &what, Change change);
  /// The pass took a public function away or changed its signature.
  void failInterface(Frame &frame, mlir::func::FuncOp function, llvm::StringRef what);
  /// A function is not compared.
  void skip(llvm::StringRef pass, llvm::StringRef function, llvm::StringRef reason) {
    ++counts.notCompared;
    ++skipped[(function + ", " + pass + ": " + reason).str()];
  }

  VerifyOptions options;
  std::unique_ptr<reference::WeightProvider> weights;
  std::vector<Frame> frames;
  /// What the functions of the module of this fingerprint gave.
  std::optional<mlir::OperationFingerPrint> known;
  Records knownRecords;
  std::map<std::string, unsigned> skipped;
  std::map<std::string, double> moved; ///< by passes that store something with fewer bits
};

} // namespace ph::proof
