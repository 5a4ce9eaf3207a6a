#include "Broadcast.h"

using namespace mlir;

namespace ph::conversion {

/// An operand of the rank of the sizes or less, aligned at the last dimension: a dimension of 1 is read at 0 where the
/// result has more of it. Dimensions of which only run time tells leave that open: `atRunTime` is set.
static Indexed aligned(Lowering &l, Value tensor, ArrayRef<OpFoldResult> sizes, bool &atRunTime) {
  Indexed operand = {tensor, {}};
  Sizes own = l.sizesOf(tensor);
  for (auto [axis, size] : llvm::enumerate(own)) {
    unsigned loop = sizes.size() - own.size() + axis;
    bool one = isOneInteger(size) && !isOneInteger(sizes[loop]);
    operand.at.push_back(one ? l.constant(0) : l.dim(loop));
    atRunTime |= !one && size != sizes[loop] && !getConstantIntValue(size);
  }
  return operand;
}

// Of two sizes that aren't known to be equal the one that isn't 1 counts.
Sizes broadcastSizes(Lowering &l, ArrayRef<Sizes> all) {
  Sizes result;
  for (const Sizes &sizes : all) {
    if (sizes.size() > result.size())
      result.insert(result.begin(), sizes.size() - result.size(), l.attribute(1));
    for (auto [axis, size] : llvm::enumerate(sizes)) {
      OpFoldResult &common = result[result.size() - sizes.size() + axis];
      if (size == common || isOneInteger(size))
        continue;
      bool known = getConstantIntValue(common) && !isOneInteger(common);
      if (isOneInteger(common) || getConstantIntValue(size))
        common = size;
      else if (!known)
        common =
            l.s.select(l.s.compare(xf::CompareKind::Eq, l.index(common), l.s.index(1)), l.index(size), l.index(common));
    }
  }
  return result;
}

/// A function of tensors that are broadcast to one another.
static Value broadcastEach(Lowering &l, ArrayRef<Value> tensors, Type element, ArrayRef<OpFoldResult> sizes,
                           Lowering::Body body) {
  SmallVector<Indexed> inputs;
  SmallVector<SmallVector<Value>> last; // indices in a tensor that is read at run time's places
  for (Value tensor : tensors) {
    bool atRunTime = false;
    Indexed operand = aligned(l, tensor, sizes, atRunTime);
    last.emplace_back();
    if (!atRunTime)
      inputs.push_back(std::move(operand));
    else
      for (OpFoldResult size : l.sizesOf(tensor))
        last.back().push_back(l.s.sub(l.index(size), l.s.index(1)));
  }
  return l.each(sizes, element, inputs, [&](ScalarBuilder &s, ValueRange e) {
    SmallVector<Value> elements;
    size_t next = 0;
    for (auto [tensor, most] : llvm::zip_equal(tensors, last)) {
      if (most.empty()) {
        elements.push_back(e[next++]);
        continue;
      }
      // Either the last index is 0, or it is never beyond the loop's.
      SmallVector<Value> at;
      for (auto [axis, index] : llvm::enumerate(most))
        at.push_back(s.min(s.loop(sizes.size() - most.size() + axis), index));
      elements.push_back(s.at(tensor, at));
    }
    return body(s, elements);
  });
}

Value broadcastEach(Lowering &l, ArrayRef<Value> tensors, Type element, Lowering::Body body) {
  SmallVector<Sizes> sizes = llvm::map_to_vector(tensors, [&](Value tensor) { return l.sizesOf(tensor); });
  return broadcastEach(l, tensors, element, broadcastSizes(l, sizes), body);
}

Value broadcastTo(Lowering &l, Value tensor, ArrayRef<OpFoldResult> sizes) {
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  return broadcastEach(l, tensor, element, sizes, [](ScalarBuilder &, ValueRange e) { return e[0]; });
}

} // namespace ph::conversion
