// The flags of ph-opt that draw: --dot, --html, --html-passes.
#pragma once
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "powerhouse/Report/History.h"
#include <memory>

/// Registers the flags while it lives; make it before the command line is parsed.
class ReportFlags {
public:
  ReportFlags();
  ~ReportFlags();
  /// Adds to the passes of `config` what the flags ask for, with `remarksTaken` without remarks. True if a graph takes
  /// the standard output.
  bool watch(mlir::MlirOptMainConfig &config, bool remarksTaken);
  /// Writes the page of passes, after they have run. A failure has been reported.
  mlir::LogicalResult finish(llvm::StringRef input) const;

private:
  struct Flags;
  std::unique_ptr<Flags> flags;
  ph::report::PassHistory history;
};
