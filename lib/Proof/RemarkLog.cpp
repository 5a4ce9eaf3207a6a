#include "powerhouse/Proof/RemarkLog.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/ADT/StringSet.h"
#include <map>

using namespace mlir;
using remark::RemarkKind;

namespace ph::proof {

namespace {
struct PassCounts {
  unsigned runs = 0, changes = 0, passed = 0, missed = 0;
};
} // namespace

struct RemarkLog::Lines {
  std::vector<std::string> lines;
  llvm::StringSet<> seen;
  std::map<std::string, PassCounts> passes;
};

namespace {

std::string textOf(Location location) {
  if (auto file = dyn_cast<FileLineColLoc>(location))
    return (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" + Twine(file.getColumn())).str();
  if (auto fused = dyn_cast<FusedLoc>(location); fused && !fused.getLocations().empty())
    return textOf(fused.getLocations().front());
  if (auto named = dyn_cast<NameLoc>(location))
    return textOf(named.getChildLoc());
  std::string text;
  llvm::raw_string_ostream(text) << location;
  return text;
}

class Streamer : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Streamer(std::shared_ptr<RemarkLog::Lines> lines) : lines(std::move(lines)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    StringRef pass = remark.getCategoryName();
    std::string message;
    for (const auto &argument : remark.getArgs())
      message += (message.empty() ? "" : " ") + argument.val;
    auto type = remark.getRemarkType();
    bool passed = type == llvm::remarks::Type::Passed, missed = type == llvm::remarks::Type::Missed;
    StringRef kind = passed ? "passed" : missed ? "missed" : "note";
    std::string line =
        (textOf(remark.getLocation()) + ": " + pass + ": " + kind + ": " + remark.getRemarkName() + ": " + message)
            .str();
    if (!lines->seen.insert(line).second)
      return;
    lines->lines.push_back(std::move(line));
    lines->passes[pass.str()].passed += passed;
    lines->passes[pass.str()].missed += missed;
  }

private:
  std::shared_ptr<RemarkLog::Lines> lines;
};

class Counter : public PassInstrumentation {
public:
  explicit Counter(std::shared_ptr<RemarkLog::Lines> lines) : lines(std::move(lines)) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (!pass->getArgument().empty())
      before.emplace_back(pass, OperationFingerPrint(op));
  }
  void runAfterPass(Pass *pass, Operation *op) override {
    if (before.empty() || before.back().first != pass)
      return;
    PassCounts &counts = lines->passes[pass->getArgument().str()];
    ++counts.runs;
    counts.changes += before.back().second != OperationFingerPrint(op);
    before.pop_back();
  }
  void runAfterPassFailed(Pass *pass, Operation *) override {
    if (!before.empty() && before.back().first == pass)
      before.pop_back();
  }

private:
  std::shared_ptr<RemarkLog::Lines> lines;
  std::vector<std::pair<Pass *, OperationFingerPrint>> before;
};

} // namespace

RemarkLog::RemarkLog() : lines(std::make_shared<Lines>()) {}
RemarkLog::~RemarkLog() = default;

LogicalResult RemarkLog::watch(PassManager &manager) {
  MLIRContext *context = manager.getContext();
  context->disableMultithreading();
  manager.addInstrumentation(std::make_unique<Counter>(lines));
  remark::RemarkCategories everything;
  everything.passed = everything.missed = everything.analysis = everything.failed = ".*";
  return remark::enableOptimizationRemarks(*context, std::make_unique<Streamer>(lines),
                                           std::make_unique<remark::RemarkEmittingPolicyAll>(), everything);
}

void RemarkLog::write(raw_ostream &out) const {
  for (const std::string &line : lines->lines)
    out << line << "\n";
  for (const auto &[pass, counts] : lines->passes)
    out << pass << ": " << counts.passed << " passed, " << counts.missed << " missed; changed the IR in "
        << counts.changes << " of " << counts.runs << " runs\n";
}

} // namespace ph::proof
