// Products of batches of matrices whose leading dimensions were merged into one.
#pragma once
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

namespace ph {

/// Lets batches and heads that were merged, [batch, heads, m, n] → [batch · heads, m, n], stay apart through products,
/// transposes and softmax, with remarks of `pass`.
void populateMergedBatches(mlir::RewritePatternSet &patterns, llvm::StringRef pass, mlir::Pass::Statistic &moved);

} // namespace ph
