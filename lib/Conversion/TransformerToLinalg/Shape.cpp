// Primitives that move elements, or make numbers of shapes.
#include "Broadcast.h"
#include "Reshape.h"
#include "dialects/Transformer/Dims.h"

using namespace mlir;

namespace ph::conversion {

static Type elementOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); }

/// Whether a tensor is a part of another.
static bool hasGaps(Value tensor) {
  while (Operation *op = tensor.getDefiningOp()) {
    if (isa<tensor::ExtractSliceOp>(op))
      return true;
    if (!isa<tensor::CastOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
      return false;
    tensor = op->getOperand(0);
  }
  return false;
}

Value reshapeTo(Lowering &l, Value tensor, ArrayRef<OpFoldResult> to) {
  Sizes from = l.sizesOf(tensor);
  if (ArrayRef(from) == to)
    return tensor;
  // What is the same before and after stays; all between them becomes one dimension, and that the new ones.
  size_t most = std::min(from.size(), to.size()), before = 0, after = 0;
  while (before < most && from[before] == to[before])
    ++before;
  while (after < most - before && from[from.size() - 1 - after] == to[to.size() - 1 - after])
    ++after;
  if (before + after == most && most > 0) // dimensions of 1 alone come or go: one beside them goes with them
    --(before > 0 ? before : after);
  if (from.empty())
    return l.expand(tensor, {}, to);
  auto groups = [&](size_t rank) {
    SmallVector<ReassociationIndices> result;
    for (size_t axis = 0; axis < before; ++axis)
      result.push_back({int64_t(axis)});
    result.push_back(llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(before, rank - after)));
    for (size_t axis = rank - after; axis < rank; ++axis)
      result.push_back({int64_t(axis)});
    return result;
  };
  if (to.empty())
    return l.collapse(tensor, {});
  Value joined = l.collapse(tensor, groups(from.size()));
  ArrayRef<OpFoldResult> parts = to.drop_front(before).drop_back(after);
  auto dynamic = llvm::count_if(parts, [](OpFoldResult size) { return !getConstantIntValue(size); });
  if (dynamic <= 1 || !hasGaps(joined))
    return l.expand(joined, groups(to.size()), to);
  // MLIR can't lower a view of memory with gaps that cuts a dimension into several of dynamic sizes.
  SmallVector<Value> widths = llvm::map_to_vector(parts, [&](OpFoldResult size) { return l.index(size); });
  return l.each(to, elementOf(tensor), {}, [&](ScalarBuilder &s, ValueRange) {
    SmallVector<Value> at;
    for (size_t axis = 0; axis < before; ++axis)
      at.push_back(s.loop(axis));
    Value place = s.index(0);
    for (auto [axis, width] : llvm::enumerate(widths))
      place = s.add(s.mul(place, width), s.loop(before + axis));
    at.push_back(place);
    for (size_t axis = to.size() - after; axis < to.size(); ++axis)
      at.push_back(s.loop(axis));
    return s.at(joined, at);
  });
}

Value place(Lowering &l, Value tensor, Value into, const Part &part) {
  Value hole = l.slice(into, part);
  Indexed there = l.whole(hole);
  Value copied =
      l.structured(there.at.size(), l.whole(tensor), there, [](ScalarBuilder &, ValueRange e) { return e[0]; });
  return l.insert(copied, into, part);
}

static LogicalResult transpose(Lowering &l, xf::TransposeOp op) {
  Value input = l.of(op.getInput());
  Sizes sizes = l.sizesOf(input), permuted;
  Indexed moved = {input, SmallVector<AffineExpr>(sizes.size())};
  for (auto [axis, from] : llvm::enumerate(op.getPermutation())) {
    permuted.push_back(sizes[from]);
    moved.at[from] = l.dim(axis);
  }
  l.give(op.getResult(), l.each(permuted, elementOf(input), moved, [](ScalarBuilder &, ValueRange e) { return e[0]; }));
  return success();
}

/// An entry of a list, as a size.
static OpFoldResult entryOf(Lowering &l, OpFoldResult entry) {
  if (auto value = dyn_cast<Value>(entry))
    return l.of(value);
  return l.attribute(cast<IntegerAttr>(cast<Attribute>(entry)).getInt());
}

/// The size that is left over for the entry -1.
static OpFoldResult openSize(Lowering &l, xf::ReshapeOp op, size_t axis, ArrayRef<OpFoldResult> others) {
  Value result = op.getResult();
  if (xf::Dim origin = xf::getOrigin({result, int64_t(axis)}); origin.tensor != result)
    return l.sizeOf(l.of(origin.tensor), origin.axis);
  Sizes left = l.sizesOf(l.of(op.getInput())), divisors;
  for (OpFoldResult other : others) {
    auto *found = llvm::find(left, other);
    if (found == left.end())
      divisors.push_back(other);
    else
      left.erase(found);
  }
  return l.div(l.product(left), l.product(divisors));
}

static LogicalResult reshape(Lowering &l, xf::ReshapeOp op) {
  Value input = l.of(op.getInput());
  Sizes sizes, others;
  std::optional<size_t> open;
  for (auto [axis, entry] : llvm::enumerate(op.getMixedShape())) {
    int64_t known = op.getResult().getType().getDimSize(axis);
    OpFoldResult size = !ShapedType::isDynamic(known) ? l.attribute(known)
                        : op.getShape()[axis] == 0    ? l.sizeOf(input, axis)
                        : op.getShape()[axis] == -1   ? OpFoldResult()
                                                      : entryOf(l, entry);
    if (!size)
      open = axis;
    else
      others.push_back(size);
    sizes.push_back(size);
  }
  if (open)
    sizes[*open] = openSize(l, op, *open, others);
  l.give(op.getResult(), reshapeTo(l, input, sizes));
  return success();
}

static LogicalResult broadcast(Lowering &l, xf::BroadcastOp op) {
  Value input = l.of(op.getInput());
  Sizes list = llvm::map_to_vector(op.getMixedShape(), [&](OpFoldResult entry) { return entryOf(l, entry); });
  Sizes sizes = broadcastSizes(l, {list, l.sizesOf(input)});
  for (auto [axis, known] : llvm::enumerate(op.getResult().getType().getShape()))
    if (!ShapedType::isDynamic(known))
      sizes[axis] = l.attribute(known);
  l.give(op.getResult(), broadcastTo(l, input, sizes));
  return success();
}

static LogicalResult concat(Lowering &l, xf::ConcatOp op) {
  SmallVector<Value> inputs = l.of(op.getInputs());
  int64_t axis = op.getAxis();
  Sizes sizes = l.sizesOf(inputs[0]);
  for (Value input : ArrayRef(inputs).drop_front())
    sizes[axis] = l.add(sizes[axis], l.sizeOf(input, axis));
  Value result = l.empty(sizes, elementOf(op.getResult()));
  Part part = {Sizes(sizes.size(), l.attribute(0)), sizes, {}};
  for (Value input : inputs) {
    part.sizes[axis] = l.sizeOf(input, axis);
    result = place(l, input, result, part);
    part.offsets[axis] = l.add(part.offsets[axis], part.sizes[axis]);
  }
  l.give(op.getResult(), result);
  return success();
}

/// A bound within the dimension: one below 0 counts from the end.
static OpFoldResult boundOf(Lowering &l, OpFoldResult entry, OpFoldResult size) {
  std::optional<int64_t> known = getConstantIntValue(entry), of = getConstantIntValue(size);
  if (known && of)
    return l.attribute(std::clamp<int64_t>(*known < 0 ? *known + *of : *known, 0, *of));
  if (known && *known == 0)
    return l.attribute(0);
  ScalarBuilder &s = l.s;
  Value bound = l.index(entryOf(l, entry)), end = l.index(size), zero = s.index(0);
  Value fromEnd = s.select(s.compare(xf::CompareKind::Lt, bound, zero), s.add(bound, end), bound);
  return s.max(zero, s.min(fromEnd, end));
}

static LogicalResult slice(Lowering &l, xf::SliceOp op) {
  Value input = l.of(op.getInput());
  int64_t axis = op.getAxis(), step = op.getStep();
  Sizes sizes = l.sizesOf(input);
  OpFoldResult from = boundOf(l, op.getFrom(), sizes[axis]), to = boundOf(l, op.getTo(), sizes[axis]);
  Part part = {Sizes(sizes.size(), l.attribute(0)), sizes, SmallVector<int64_t>(sizes.size(), 1)};
  part.offsets[axis] = from;
  part.strides[axis] = step;
  int64_t known = op.getResult().getType().getDimSize(axis);
  OpFoldResult length = l.div(l.add(l.sub(to, from), l.attribute(step - 1)), l.attribute(step));
  if (!ShapedType::isDynamic(known))
    length = l.attribute(known);
  else if (!getConstantIntValue(length) && !isZeroInteger(from))
    length = l.s.max(l.index(length), l.s.index(0));
  part.sizes[axis] = length;
  l.give(op.getResult(), l.slice(input, part));
  return success();
}

static LogicalResult gather(Lowering &l, xf::GatherOp op) {
  Value input = l.of(op.getInput()), indices = l.of(op.getIndices());
  Sizes sizes = l.sizesOf(input), chosen = l.sizesOf(indices), result(sizes.begin(), sizes.begin() + op.getAxis());
  unsigned axis = op.getAxis(), count = chosen.size();
  result.append(chosen);
  result.append(sizes.begin() + axis + 1, sizes.end());
  Value size = l.index(sizes[axis]);
  l.give(op.getResult(), l.each(result, elementOf(input), Indexed{indices, l.loops(axis, axis + count)},
                                [&](ScalarBuilder &s, ValueRange e) {
                                  Value at = s.toIndex(e[0]);
                                  at = s.select(s.compare(xf::CompareKind::Lt, at, s.index(0)), s.add(at, size), at);
                                  SmallVector<Value> place;
                                  for (unsigned each = 0; each < sizes.size(); ++each)
                                    place.push_back(each == axis ? at : s.loop(each < axis ? each : each + count - 1));
                                  return s.at(input, place);
                                }));
  return success();
}

static LogicalResult dim(Lowering &l, xf::DimOp op) {
  l.give(op.getResult(), l.index(l.sizeOf(l.of(op.getInput()), op.getAxis())));
  return success();
}

static LogicalResult iota(Lowering &l, xf::IotaOp op) {
  RankedTensorType type = op.getResult().getType();
  OpFoldResult size = op.getSize() ? OpFoldResult(l.of(op.getSize())) : l.attribute(type.getDimSize(0));
  l.give(op.getResult(), l.each(size, type.getElementType(), {}, [&](ScalarBuilder &s, ValueRange) {
    return s.convert(s.loop(0), type.getElementType());
  }));
  return success();
}

static LogicalResult scalar(Lowering &l, xf::ScalarOp op) {
  l.give(op.getResult(), l.filled({}, l.s.convert(l.of(op.getValue()), elementOf(op.getResult()))));
  return success();
}

void addShape(Handlers &handlers) {
  handlers.add<xf::TransposeOp, transpose>();
  handlers.add<xf::ReshapeOp, reshape>();
  handlers.add<xf::BroadcastOp, broadcast>();
  handlers.add<xf::ConcatOp, concat>();
  handlers.add<xf::SliceOp, slice>();
  handlers.add<xf::GatherOp, gather>();
  handlers.add<xf::DimOp, dim>();
  handlers.add<xf::IotaOp, iota>();
  handlers.add<xf::ScalarOp, scalar>();
}

} // namespace ph::conversion
