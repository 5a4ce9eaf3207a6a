// What each pass of a run did, for a page that shows it.
#pragma once
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include <memory>
#include <string>
#include <vector>

namespace ph::report {

struct PassRemark {
  std::string kind; ///< "passed", "missed", "failure" or "analysis"
  std::string op, message, where;
};

/// One run of one pass on one op.
struct PassRun {
  std::string pass; ///< its flag
  std::string root; ///< "@forward", or the name of the op
  double seconds = 0;
  bool failed = false;
  std::string before, after; ///< the op as IR
  size_t opsBefore = 0, opsAfter = 0;
  std::vector<PassRemark> remarks;
};

/// Collects the runs of the passes of all managers that it watches. It must outlive them.
class PassHistory {
public:
  /// Watches the passes of `manager`, whose context runs single-threaded from now on. With `takeRemarks` remarks come
  /// here, and nowhere else.
  void watch(mlir::PassManager &manager, bool takeRemarks);
  const std::vector<PassRun> &runs() const { return finished; }
  /// False where remarks go elsewhere.
  bool hasRemarks() const { return withRemarks; }
  void add(PassRun run) { finished.push_back(std::move(run)); }

private:
  std::vector<PassRun> finished;
  bool withRemarks = true;
};

/// The history as a page of HTML that needs nothing else.
void writeHistory(const PassHistory &history, llvm::StringRef title, llvm::raw_ostream &out);

} // namespace ph::report
