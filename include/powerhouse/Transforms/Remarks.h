// What a pass says about what it did and what it refused: optimization remarks (--remark-filter and friends of ph-opt),
// and, where LLVM was built with assertions (Debian's was not), --debug-only for refusals inside patterns.
#pragma once
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"

namespace ph {

/// Remarks that `pass` changed what was at `op`.
inline void remarkDone(mlir::Operation *op, llvm::StringRef pass, const llvm::Twine &what) {
  mlir::remark::passed(op->getLoc(), mlir::remark::RemarkOpts::name(op->getName().getStringRef()).category(pass))
      << what.str();
}

/// Remarks why `pass` left `op` as it is, though it looked as if it could be changed.
inline void remarkRefused(mlir::Operation *op, llvm::StringRef pass, const llvm::Twine &reason) {
  mlir::remark::missed(op->getLoc(), mlir::remark::RemarkOpts::name(op->getName().getStringRef()).category(pass))
      << reason.str();
}

/// The same inside a pattern; fails.
inline mlir::LogicalResult refuse(mlir::PatternRewriter &rewriter, mlir::Operation *op, llvm::StringRef pass,
                                  const llvm::Twine &reason) {
  remarkRefused(op, pass, reason);
  return rewriter.notifyMatchFailure(op, reason);
}

} // namespace ph
