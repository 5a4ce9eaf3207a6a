// The flags of `ph-opt` that judge derivatives: --check-derivatives and --list-derivatives.
#pragma once
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tools/ph-opt/RunFlags.h"
#include <memory>

/// Registers the flags while it lives; make it before the command line is parsed.
class DerivativeFlags {
public:
  DerivativeFlags();
  ~DerivativeFlags();
  /// Prints which ops have derivative rules, if that is asked for.
  bool list(const mlir::DialectRegistry &registry) const;
  /// Lets derivatives be checked after the passes of `config`, with seed, dims and weights of `run`; false if that is
  /// not asked for.
  bool watch(mlir::MlirOptMainConfig &config, const RunFlags &run) const;

private:
  struct Flags;
  std::unique_ptr<Flags> flags;
};
