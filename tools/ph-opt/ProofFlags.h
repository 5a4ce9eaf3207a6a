// The flags of `ph-opt` that judge passes: --verify-values, --remarks, and --generate for something to try them on.
#pragma once
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tools/ph-opt/RunFlags.h"
#include <memory>
#include <optional>
#include <string>

/// Registers the flags while it lives; make it before the command line is parsed. Wrong flags end the program.
class ProofFlags {
public:
  ProofFlags();
  ~ProofFlags();
  /// The modules that --generate asks for instead of an input; `config` then splits them.
  std::optional<std::string> generate(mlir::MlirOptMainConfig &config) const;
  /// Lets the passes of `config` be watched, with the seed and the weights of `run`.
  void watch(mlir::MlirOptMainConfig &config, const RunFlags &run);
  /// True if remarks go to a file.
  bool takesRemarks() const;
  /// When the passes have run: writes what was seen. Fails if it can't.
  mlir::LogicalResult report() const;

private:
  struct Flags;
  std::unique_ptr<Flags> flags;
};
