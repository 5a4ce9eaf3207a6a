// The pass xf-print-cost.
#include "powerhouse/Analysis/Cost.h"
#include "powerhouse/Analysis/Passes.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_PRINTCOSTPASS
#include "lib/Analysis/Passes.h.inc"

namespace {

/// Exact: an integer without a fraction, else two digits of it.
std::string number(double value) {
  return (value == std::floor(value) ? llvm::formatv("{0:F0}", value) : llvm::formatv("{0:F2}", value)).str();
}

void printRow(raw_ostream &out, StringRef op, StringRef times, const Cost &cost, StringRef weights) {
  out << llvm::formatv("{0,-24} {1,6} {2,16} {3,14} {4,14} {5,14} {6,14}", op, times, number(cost.flop),
                       number(cost.weightBytes), number(cost.activationBytes), number(cost.cacheBytesRead),
                       number(cost.cacheBytesWritten))
      << (weights.empty() ? "" : "  ") << weights << "\n";
}

void printFunction(raw_ostream &out, func::FuncOp function, int64_t tokens, int64_t context) {
  analysis::FunctionCost cost = analysis::computeCostAt(function, {double(tokens), double(context)});
  out << "cost of @" << function.getSymName() << " for tokens=" << tokens << " context=" << context << "\n"
      << llvm::formatv("{0,-24} {1,6} {2,16} {3,14} {4,14} {5,14} {6,14}", "op", "times", "FLOP", "weight bytes",
                       "act. bytes", "cache read", "cache written")
      << "  weights\n";
  for (const analysis::CostEntry &entry : cost.ops)
    if (entry.cost != Cost())
      printRow(out, entry.op->getName().getStringRef(), std::to_string(entry.times), entry.cost,
               analysis::getWeightNames(entry.op));
  printRow(out, "total", "", cost.total, "");
  llvm::MapVector<StringRef, int64_t> unknown;
  for (Operation *op : cost.unknown)
    ++unknown[op->getName().getStringRef()];
  for (auto [name, count] : unknown)
    out << "not counted: " << count << " x " << name << "\n";
}

struct PrintCostPass : impl::PrintCostPassBase<PrintCostPass> {
  using PrintCostPassBase::PrintCostPassBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (tokens < 1 || context < 0) {
      getOperation().emitError() << "xf-print-cost expects tokens of at least 1 and a context of at least 0, but got "
                                 << int64_t(tokens) << " and " << int64_t(context);
      return signalPassFailure();
    }
    bool found = function.empty();
    for (auto op : getOperation().getOps<func::FuncOp>()) {
      if (op.isExternal() || (!function.empty() && op.getSymName() != function))
        continue;
      found = true;
      printFunction(llvm::errs(), op, tokens, context ? context : tokens);
    }
    if (!found) {
      getOperation().emitError() << "xf-print-cost found no function @" << function << " with a body";
      signalPassFailure();
    }
  }
};

} // namespace
} // namespace ph
