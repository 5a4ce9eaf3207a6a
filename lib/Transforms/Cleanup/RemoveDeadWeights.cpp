#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Transforms/Cleanup/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_REMOVEDEADWEIGHTSPASS
#include "lib/Transforms/Cleanup/Passes.h.inc"

namespace {

struct RemoveDeadWeightsPass final : impl::RemoveDeadWeightsPassBase<RemoveDeadWeightsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!SymbolTable::getSymbolUses(&module.getBodyRegion()))
      return remarkRefused(module, getArgument(), "an op of an unknown dialect may use any symbol");

    DenseSet<Operation *> reached = reach(module);
    for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (!reached.contains(function)) {
        remarkDone(function, getArgument(), "nothing calls @" + function.getSymName());
        function.erase();
        ++functions;
      }
    module.walk([](xf::LoadWeightOp load) {
      if (load->use_empty())
        load.erase();
    });
    for (auto weight : llvm::make_early_inc_range(module.getOps<xf::WeightOp>()))
      if (SymbolTable::symbolKnownUseEmpty(weight, module)) {
        remarkDone(weight, getArgument(), "nothing loads @" + weight.getSymName());
        weight.erase();
        ++weights;
      }
  }

private:
  /// What is no private function, and what that refers to, over any number of calls.
  static DenseSet<Operation *> reach(ModuleOp module) {
    SymbolTable symbols(module);
    DenseSet<Operation *> reached;
    SmallVector<Operation *> next;
    auto add = [&](Operation *op) {
      if (op && reached.insert(op).second)
        next.push_back(op);
    };
    for (Operation &op : *module.getBody())
      if (auto function = dyn_cast<func::FuncOp>(op); !function || !function.isPrivate())
        add(&op);
    while (!next.empty()) {
      std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(next.pop_back_val());
      for (SymbolTable::SymbolUse use : *uses)
        add(symbols.lookup(use.getSymbolRef().getRootReference()));
    }
    return reached;
  }
};

} // namespace
} // namespace ph
