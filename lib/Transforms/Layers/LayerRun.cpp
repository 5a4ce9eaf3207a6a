#include "lib/Transforms/Layers/LayerRun.h"
#include "mlir/IR/OperationSupport.h"

using namespace mlir;

namespace ph {

bool isLeaf(Operation *op) { return isa<xf::LoadWeightOp, arith::ConstantOp>(op); }

bool doTheSame(Operation *a, Operation *b) {
  // What regions take from outside is no operand.
  if (a->getNumRegions() != 0)
    return false;
  return OperationEquivalence::isEquivalentTo(
      a, b, [](Value x, Value y) { return success(x.getType() == y.getType()); },
      /*markEquivalent=*/nullptr, OperationEquivalence::IgnoreLocations);
}

std::string describeDifference(Operation *a, Operation *b) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << "the layers differ in ";
  DictionaryAttr left = a->getAttrDictionary(), right = b->getAttrDictionary();
  for (NamedAttribute attribute : left)
    if (Attribute other = right.get(attribute.getName()); other != attribute.getValue()) {
      out << attribute.getName().getValue() << " of " << a->getName() << ": " << attribute.getValue() << " and ";
      if (other)
        out << other;
      else
        out << "none";
      return text;
    }
  if (a->getNumRegions() != 0) {
    out << "what is in the regions of " << a->getName();
    return text;
  }
  out << (a->getOperandTypes() == b->getOperandTypes() && a->getResultTypes() == b->getResultTypes() ? "what is in "
                                                                                                     : "the types of ")
      << a->getName();
  return text;
}

SmallVector<LayerRun> findRuns(ArrayRef<Operation *> ops, bool names) {
  // A number for each kind of op, so that comparing is cheap.
  SmallVector<int64_t> kinds;
  SmallVector<Operation *> examples;
  DenseMap<StringRef, SmallVector<int64_t>> known;
  for (Operation *op : ops) {
    SmallVector<int64_t> &candidates = known[op->getName().getStringRef()];
    auto *found = llvm::find_if(candidates, [&](int64_t kind) { return names || doTheSame(examples[kind], op); });
    if (found != candidates.end()) {
      kinds.push_back(*found);
      continue;
    }
    candidates.push_back(examples.size());
    kinds.push_back(examples.size());
    examples.push_back(op);
  }
  SmallVector<LayerRun> runs;
  int64_t size = ops.size();
  for (int64_t period = 1; period <= size / 2; ++period)
    for (int64_t start = 0; start + period < size; ++start) {
      int64_t length = 0;
      while (start + length + period < size && kinds[start + length] == kinds[start + length + period])
        ++length;
      if (length >= period)
        // Where the run is longer than whole copies are, it may begin later too.
        for (int64_t shift = 0; shift <= length % period; ++shift)
          runs.push_back({start + shift, period, length / period + 1});
      start += length;
    }
  llvm::stable_sort(runs, [](const LayerRun &a, const LayerRun &b) {
    return std::pair(-a.size(), a.period) < std::pair(-b.size(), b.period);
  });
  return runs;
}

} // namespace ph
