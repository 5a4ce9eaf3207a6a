// The flags of `ph-opt --verify-values`.
#pragma once
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "powerhouse/Proof/VerifyValues.h"
#include "tools/ph-opt/RunFlags.h"
#include <memory>

/// Registers the flags while it lives; make it before the command line is parsed.
class VerifyFlags {
public:
  VerifyFlags();
  ~VerifyFlags();
  /// Lets the passes of `config` be verified, with the seed and the weights of `run`. Returns what knows the result;
  /// null without --verify-values. Wrong flags end the program.
  std::unique_ptr<ph::proof::ValueVerifier> watch(mlir::MlirOptMainConfig &config, const RunFlags &run) const;

private:
  struct Flags;
  std::unique_ptr<Flags> flags;
};
