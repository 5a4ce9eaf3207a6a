// Graphs and histories as files.
#pragma once
#include "powerhouse/Report/Graph.h"
#include "powerhouse/Report/History.h"

namespace ph::report {

/// Where graphs of a module go; empty: nowhere, "-": to the standard output.
struct GraphFiles {
  std::string dot, html;
  CostPoint at;
};

/// A pass that draws the module and changes nothing.
std::unique_ptr<mlir::Pass> createGraphPass(GraphFiles files);

/// Writes the page of a history to `file`. A failure has been reported.
mlir::LogicalResult writeHistoryFile(const PassHistory &history, llvm::StringRef title, const std::string &file);

} // namespace ph::report
