// Slices of what was only given another shape.
#pragma once
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

namespace ph {

/// Makes slices of rows that are picked one after the other, and of what is picked of dimensions that features were
/// split into; slices of dimensions that were moved come before the move. With remarks of `pass`.
void populateSlicedParts(mlir::RewritePatternSet &patterns, llvm::StringRef pass, mlir::Pass::Statistic &moved);

} // namespace ph
