// --remarks: what passes did and what they refused, and why.
#pragma once
#include "mlir/Pass/PassManager.h"
#include <memory>

namespace ph::proof {

/// Collects the remarks of all passes of pass managers. It takes the place of a remark engine that the context has.
class RemarkLog {
public:
  RemarkLog();
  ~RemarkLog();
  /// Passes run on one thread from then on, so that the order is that of the pipeline.
  mlir::LogicalResult watch(mlir::PassManager &manager);
  /// A line for each remark, "location: pass: passed|missed|...: op: text", in order, the same one once; then a line
  /// for each pass.
  void write(llvm::raw_ostream &out) const;

  struct Lines;

private:
  std::shared_ptr<Lines> lines;
};

} // namespace ph::proof
