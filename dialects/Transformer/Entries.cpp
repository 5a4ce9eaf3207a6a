#include "dialects/Transformer/Entries.h"

using namespace mlir;

namespace ph::xf {

OpFoldResult getEntry(Operation *op, ArrayRef<int64_t> list, OperandRange computed, unsigned index) {
  if (!ShapedType::isDynamic(list[index]))
    return IntegerAttr::get(IntegerType::get(op->getContext(), 64), list[index]);
  return computed[llvm::count_if(list.take_front(index), ShapedType::isDynamic)];
}

LogicalResult expectEntries(Operation *op, ArrayRef<int64_t> list, OperandRange computed) {
  int64_t expected = llvm::count_if(list, ShapedType::isDynamic);
  if (expected != int64_t(computed.size()))
    return op->emitOpError() << "expects " << expected << " computed entries of the list, but got " << computed.size();
  return success();
}

std::optional<SmallVector<int64_t>> foldEntries(ArrayRef<int64_t> list, ArrayRef<Attribute> values,
                                                MutableOperandRange computed, int64_t least) {
  SmallVector<int64_t> result(list);
  SmallVector<Value> kept;
  unsigned next = 0;
  for (int64_t &size : result) {
    if (!ShapedType::isDynamic(size))
      continue;
    auto known = dyn_cast_or_null<IntegerAttr>(values[next]);
    if (known && known.getInt() >= least && !ShapedType::isDynamic(known.getInt()))
      size = known.getInt();
    else
      kept.push_back(computed[next].get());
    ++next;
  }
  if (kept.size() == computed.size())
    return std::nullopt;
  computed.assign(kept);
  return result;
}

} // namespace ph::xf
