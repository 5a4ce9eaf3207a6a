#include "lib/Proof/Reduce.h"
#include "dialects/Transformer/Transformer.h"
#include "lib/Proof/Judge.h"
#include "mlir/IR/Iterators.h"
#include <chrono>

using namespace mlir;

namespace ph::proof {

namespace {

/// A module with large weights is slow to run, and one that is not quite reduced tells more than one that never comes.
constexpr std::chrono::seconds kMostTime(15);

/// What became of candidate `index` of an edit.
enum class Edit { Done, Pointless, NoSuchCandidate };

class Reducer {
public:
  Reducer(OwningOpRef<ModuleOp> &module, StringRef path, function_ref<bool(ModuleOp)> holds, unsigned tries)
      : module(module), path(path), holds(holds), left(tries) {}

  void run() {
    for (bool smaller = true; smaller;) {
      smaller = false;
      for (Candidates edit : {dropSymbol, keepResult, bypassOp, makeArgument, repeatOnce, dropArgument})
        smaller |= shrink(edit);
    }
  }

private:
  using Candidates = Edit (*)(ModuleOp module, func::FuncOp function, unsigned index);

  bool shrink(Candidates edit) {
    bool any = false;
    for (unsigned index = 0; left > 0 && std::chrono::steady_clock::now() < deadline;) {
      OwningOpRef<ModuleOp> candidate = module->clone();
      func::FuncOp function = findFunction(*candidate, path);
      Edit edited = edit(*candidate, function, index);
      if (edited == Edit::NoSuchCandidate)
        break;
      if (edited == Edit::Done) {
        removeDead(*candidate);
        --left;
        if (succeeded(verify(*candidate)) && holds(*candidate)) {
          module = std::move(candidate);
          any = true;
          continue;
        }
      }
      ++index;
    }
    return any;
  }

  static void removeDead(ModuleOp module) {
    bool changed = true;
    while (std::exchange(changed, false))
      module.walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
        if (!isa<FunctionOpInterface>(op) && isOpTriviallyDead(op)) {
          op->erase();
          changed = true;
        }
      });
  }

  /// A function or a weight, whole.
  static Edit dropSymbol(ModuleOp module, func::FuncOp function, unsigned index) {
    SmallVector<Operation *> symbols;
    module.walk([&](SymbolOpInterface symbol) {
      if (symbol != function && !symbol->isProperAncestor(function) && symbol != module)
        symbols.push_back(symbol);
    });
    if (index >= symbols.size())
      return Edit::NoSuchCandidate;
    symbols[index]->erase();
    return Edit::Done;
  }

  /// All results but one.
  static Edit keepResult(ModuleOp, func::FuncOp function, unsigned index) {
    if (function.getNumResults() < 2 || index >= function.getNumResults())
      return Edit::NoSuchCandidate;
    BitVector others(function.getNumResults(), true);
    others.reset(index);
    Operation *terminator = function.getBody().front().getTerminator();
    Value kept = terminator->getOperand(index);
    terminator->setOperands(kept);
    (void)function.eraseResults(others);
    return Edit::Done;
  }

  /// The result of an op that is used, in the order of the function.
  static OpResult findResult(func::FuncOp function, unsigned index) {
    OpResult found;
    function.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
      for (OpResult result : op->getResults())
        if (!result.use_empty() && index-- == 0) {
          found = result;
          return WalkResult::interrupt();
        }
      return WalkResult::advance();
    });
    return found;
  }

  /// An operand of the same type stands for the result.
  static Edit bypassOp(ModuleOp, func::FuncOp function, unsigned index) {
    constexpr unsigned most = 4; // operands that are tried
    OpResult result = findResult(function, index / most);
    if (!result)
      return Edit::NoSuchCandidate;
    SmallVector<Value> same;
    for (Value operand : result.getOwner()->getOperands())
      if (operand.getType() == result.getType() && !llvm::is_contained(same, operand))
        same.push_back(operand);
    if (index % most >= same.size())
      return Edit::Pointless;
    result.replaceAllUsesWith(same[index % most]);
    return Edit::Done;
  }

  /// A new argument of the function stands for the result.
  static Edit makeArgument(ModuleOp, func::FuncOp function, unsigned index) {
    OpResult result = findResult(function, index);
    if (!result)
      return Edit::NoSuchCandidate;
    // A weight is as good as an argument, and an index would be a layer's number.
    if (isa<xf::LoadWeightOp>(result.getOwner()) || !isa<RankedTensorType, xf::CacheType>(result.getType()))
      return Edit::Pointless;
    unsigned number = function.getNumArguments();
    if (failed(function.insertArgument(number, result.getType(), {}, result.getLoc())))
      return Edit::Pointless;
    result.replaceAllUsesWith(function.getArgument(number));
    return Edit::Done;
  }

  static Edit repeatOnce(ModuleOp, func::FuncOp function, unsigned index) {
    SmallVector<xf::RepeatOp> repeats;
    function.getBody().walk([&](xf::RepeatOp op) { repeats.push_back(op); });
    if (index >= repeats.size())
      return Edit::NoSuchCandidate;
    if (repeats[index].getCount() == 1)
      return Edit::Pointless;
    repeats[index].setCount(repeats[index].getCount() > 2 ? 2 : 1);
    return Edit::Done;
  }

  static Edit dropArgument(ModuleOp, func::FuncOp function, unsigned index) {
    if (index >= function.getNumArguments())
      return Edit::NoSuchCandidate;
    if (!function.getArgument(index).use_empty() || failed(function.eraseArgument(index)))
      return Edit::Pointless;
    return Edit::Done;
  }

  OwningOpRef<ModuleOp> &module;
  StringRef path;
  function_ref<bool(ModuleOp)> holds;
  unsigned left;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + kMostTime;
};

} // namespace

void reduceModule(OwningOpRef<ModuleOp> &module, StringRef function, function_ref<bool(ModuleOp)> holds,
                  unsigned tries) {
  Reducer(module, function, holds, tries).run();
}

} // namespace ph::proof
