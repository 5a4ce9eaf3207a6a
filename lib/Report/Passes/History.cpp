#include "powerhouse/Report/History.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/PassInstrumentation.h"
#include <chrono>

using namespace mlir;

namespace ph::report {
namespace {

using Clock = std::chrono::steady_clock;

std::string print(Operation *op) {
  std::string text;
  llvm::raw_string_ostream out(text);
  op->print(out, OpPrintingFlags().elideLargeElementsAttrs(16).useLocalScope());
  return text;
}

/// "file:line", of what was joined all.
std::string describe(Location location) {
  std::string text;
  llvm::raw_string_ostream out(text);
  if (auto file = dyn_cast<FileLineColLoc>(location))
    out << file.getFilename().getValue() << ":" << file.getLine();
  else if (auto fused = dyn_cast<FusedLoc>(location))
    llvm::interleaveComma(fused.getLocations(), out, [&](Location each) { out << describe(each); });
  else if (auto named = dyn_cast<NameLoc>(location))
    out << describe(named.getChildLoc());
  return text;
}

size_t countOps(Operation *op) {
  size_t count = 0;
  op->walk([&](Operation *) { ++count; });
  return count;
}

/// The run that is under way; remarks go to it.
struct Recorder {
  PassHistory &history;
  std::optional<PassRun> current;
  Clock::time_point start;
};

class Instrumentation : public PassInstrumentation {
public:
  explicit Instrumentation(std::shared_ptr<Recorder> recorder) : recorder(std::move(recorder)) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (!isShown(pass))
      return;
    PassRun run;
    run.pass = pass->getArgument().str();
    auto symbol = dyn_cast<SymbolOpInterface>(op);
    StringAttr name = symbol ? symbol.getNameAttr() : nullptr;
    run.root = name ? "@" + name.str() : op->getName().getStringRef().str();
    run.before = print(op);
    run.opsBefore = countOps(op);
    recorder->current = std::move(run);
    recorder->start = Clock::now();
  }
  void runAfterPass(Pass *pass, Operation *op) override { finish(pass, op, false); }
  void runAfterPassFailed(Pass *pass, Operation *op) override { finish(pass, op, true); }

private:
  /// What holds other passes, or was added by a tool, has no flag.
  static bool isShown(Pass *pass) { return !pass->getArgument().empty(); }

  void finish(Pass *pass, Operation *op, bool failed) {
    if (!isShown(pass) || !recorder->current)
      return;
    PassRun run = std::move(*recorder->current);
    recorder->current.reset();
    run.seconds = std::chrono::duration<double>(Clock::now() - recorder->start).count();
    run.failed = failed;
    // What a pass that failed leaves may not be valid: it is shown as it was.
    run.after = failed ? run.before : print(op);
    run.opsAfter = failed ? run.opsBefore : countOps(op);
    recorder->history.add(std::move(run));
  }

  std::shared_ptr<Recorder> recorder;
};

class RemarkSink : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit RemarkSink(std::shared_ptr<Recorder> recorder) : recorder(std::move(recorder)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    if (!recorder->current)
      return;
    std::string message;
    for (const auto &argument : remark.getArgs())
      message += (message.empty() ? "" : " ") + argument.val;
    recorder->current->remarks.push_back({remark.getRemarkTypeString().lower(), remark.getRemarkName().str(),
                                          std::move(message), describe(remark.getLocation())});
  }

private:
  std::shared_ptr<Recorder> recorder;
};

} // namespace

void PassHistory::watch(PassManager &manager, bool takeRemarks) {
  MLIRContext *context = manager.getContext();
  context->disableMultithreading();
  auto recorder = std::make_shared<Recorder>(Recorder{*this, std::nullopt, {}});
  manager.addInstrumentation(std::make_unique<Instrumentation>(recorder));
  withRemarks &= takeRemarks;
  if (!takeRemarks)
    return;
  const std::string any = ".*";
  remark::RemarkCategories all{any, any, any, any, any};
  // It fails only where the sink can't be set up, and this one has nothing to set up.
  (void)remark::enableOptimizationRemarks(*context, std::make_unique<RemarkSink>(recorder),
                                          std::make_unique<remark::RemarkEmittingPolicyAll>(), all);
}

} // namespace ph::report
