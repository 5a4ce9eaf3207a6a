// xf.reshape and xf.broadcast: the ops that are told a shape.
#include "dialects/Transformer/Broadcast.h"
#include "dialects/Transformer/Dims.h"
#include "dialects/Transformer/Entries.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace ph::xf;

//===-- reshape -----------------------------------------------------------------------------------------------===//

namespace {
/// What a list makes of a shape, as far as the types say. Dimensions that are copied cancel, so that the entry that is
/// left over is known though others are not.
struct Reshaped {
  SmallVector<int64_t> shape;
  bool fits = true; ///< the number of elements may be the same
};
} // namespace

static Reshaped reshaped(ArrayRef<int64_t> input, ArrayRef<int64_t> list) {
  Reshaped result;
  int64_t from = 1, to = 1;
  bool known = true;
  int64_t *open = nullptr;
  result.shape.assign(list.begin(), list.end());
  for (auto [index, size] : llvm::enumerate(result.shape)) {
    if (size == 0 && index < input.size()) {
      size = input[index];
      continue;
    }
    if (size == -1)
      open = &size;
    else if (ShapedType::isDynamic(size))
      known = false;
    else
      to *= size;
  }
  for (auto [index, size] : llvm::enumerate(input)) {
    if (index < list.size() && list[index] == 0)
      continue;
    if (ShapedType::isDynamic(size))
      known = false;
    else
      from *= size;
  }
  if (open)
    *open = known && to > 0 ? from / to : ShapedType::kDynamic;
  if (known)
    result.fits = open ? to > 0 && from % to == 0 : from == to;
  return result;
}

void ReshapeOp::build(OpBuilder &builder, OperationState &state, Value input, ArrayRef<OpFoldResult> shape) {
  SmallVector<Value> computed;
  SmallVector<int64_t> list;
  dispatchIndexOpFoldResults(shape, computed, list);
  build(builder, state, RankedTensorType::get(reshaped(shapeOf(input), list).shape, elementOf(input)), input, computed,
        list);
}

SmallVector<OpFoldResult> ReshapeOp::getMixedShape() {
  return llvm::map_to_vector(llvm::seq<unsigned>(0, getShape().size()),
                             [&](unsigned index) { return getEntry(*this, getShape(), getSizes(), index); });
}

LogicalResult ReshapeOp::verify() {
  if (failed(expectEntries(*this, getShape(), getSizes())))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput());
  for (auto [index, size] : llvm::enumerate(getShape())) {
    if (!ShapedType::isDynamic(size) && size < -1)
      return emitOpError() << "expects entries of -1 or more, but got " << size;
    if (size == 0 && index >= input.size())
      return emitOpError() << "expects a dimension of the input to copy at entry " << index << ", but got "
                           << getInput().getType();
  }
  if (int64_t open = llvm::count(getShape(), -1); open > 1)
    return emitOpError() << "expects at most one entry of -1, but got " << open;
  Reshaped expected = reshaped(input, getShape());
  if (!expected.fits)
    return emitOpError() << "expects as many elements as the input has, but got a list that makes "
                         << RankedTensorType::get(expected.shape, elementOf(getInput())) << " of "
                         << getInput().getType();
  return expectResult(*this, expected.shape, elementOf(getInput()));
}

/// True if the list makes nothing new of `input`, whose type the result has: entries that aren't copies are static, or
/// all but the one that is left over.
static bool keepsShape(ArrayRef<int64_t> input, ArrayRef<int64_t> list) {
  return llvm::all_of(llvm::zip_equal(input, list), [](auto pair) {
    auto [size, entry] = pair;
    return entry <= 0 || !ShapedType::isDynamic(size);
  });
}

/// The list that makes of the input of `inner` what `outer` makes of its result; nothing if a list can't say it.
static std::optional<SmallVector<OpFoldResult>> compose(ReshapeOp inner, ReshapeOp outer) {
  SmallVector<OpFoldResult> result = outer.getMixedShape();
  bool open = llvm::is_contained(outer.getShape(), -1);
  for (auto [index, size] : llvm::enumerate(outer.getShape())) {
    if (size != 0)
      continue;
    if (inner.getShape()[index] == -1) {
      int64_t known = shapeOf(inner.getResult())[index];
      if (ShapedType::isDynamic(known) && open)
        return std::nullopt;
      open |= ShapedType::isDynamic(known);
      result[index] = Builder(outer.getContext()).getI64IntegerAttr(ShapedType::isDynamic(known) ? -1 : known);
      continue;
    }
    result[index] = inner.getMixedShape()[index];
  }
  return result;
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType() && !llvm::any_of(getShape(), ShapedType::isDynamic) &&
      keepsShape(shapeOf(getInput()), getShape()))
    return getInput();
  // A size that is the dimension at its place is a copy.
  SmallVector<OpFoldResult> list = getMixedShape();
  bool changed = false;
  for (auto [index, entry] : llvm::enumerate(list)) {
    auto dim = isa<Value>(entry) ? cast<Value>(entry).getDefiningOp<DimOp>() : DimOp();
    if (dim && index < shapeOf(getInput()).size() &&
        areEqual({dim.getInput(), int64_t(dim.getAxis())}, {getInput(), int64_t(index)})) {
      entry = Builder(getContext()).getI64IntegerAttr(0);
      changed = true;
    }
  }
  Value input = getInput();
  if (auto inner = input.getDefiningOp<ReshapeOp>(); inner && !changed)
    if (std::optional<SmallVector<OpFoldResult>> both = compose(inner, *this)) {
      list = *both;
      input = inner.getInput();
      changed = true;
    }
  if (changed) {
    SmallVector<Value> computed;
    SmallVector<int64_t> shape;
    dispatchIndexOpFoldResults(list, computed, shape);
    getInputMutable().assign(input);
    getSizesMutable().assign(computed);
    setShape(shape);
    return getResult();
  }
  // 0 and -1 have another meaning in the list than as computed entries.
  if (auto folded = foldEntries(getShape(), adaptor.getSizes(), getSizesMutable(), /*least=*/1)) {
    setShape(*folded);
    return getResult();
  }
  return {};
}

//===-- broadcast ---------------------------------------------------------------------------------------------===//

void BroadcastOp::build(OpBuilder &builder, OperationState &state, Value input, ArrayRef<OpFoldResult> shape) {
  SmallVector<Value> computed;
  SmallVector<int64_t> list;
  dispatchIndexOpFoldResults(shape, computed, list);
  FailureOr<SmallVector<int64_t>> both = broadcastShapes({shapeOf(input), list});
  build(builder, state, RankedTensorType::get(succeeded(both) ? *both : list, elementOf(input)), input, computed, list);
}

SmallVector<OpFoldResult> BroadcastOp::getMixedShape() {
  return llvm::map_to_vector(llvm::seq<unsigned>(0, getShape().size()),
                             [&](unsigned index) { return getEntry(*this, getShape(), getSizes(), index); });
}

LogicalResult BroadcastOp::verify() {
  if (failed(expectEntries(*this, getShape(), getSizes())))
    return failure();
  for (int64_t size : getShape())
    if (!ShapedType::isDynamic(size) && size < 0)
      return emitOpError() << "expects entries of 0 or more, but got " << size;
  size_t rank = shapeOf(getInput()).size();
  if (getShape().size() < rank)
    return emitOpError() << "expects at least " << rank << " entries, but got " << getShape().size();
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes({shapeOf(getInput()), getShape()});
  if (failed(shape))
    return emitOpError() << "expects an input that can be broadcast to [" << getShape() << "], but got "
                         << getInput().getType();
  return expectResult(*this, *shape, elementOf(getInput()));
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  // A dimension of the result that is known to be that of the input is not repeated.
  if (getInput().getType() == getType() &&
      llvm::all_of(llvm::zip_equal(shapeOf(getInput()), getShape()),
                   [](auto pair) { return !ShapedType::isDynamic(std::get<0>(pair)) || std::get<1>(pair) == 1; }))
    return getInput();
  if (auto folded = foldEntries(getShape(), adaptor.getSizes(), getSizesMutable(), /*least=*/0)) {
    setShape(*folded);
    return getResult();
  }
  return {};
}
