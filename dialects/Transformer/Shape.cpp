#include "dialects/Transformer/Broadcast.h"
#include "dialects/Transformer/Dims.h"
#include "dialects/Transformer/Entries.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace ph::xf;

//===-- transpose ---------------------------------------------------------------------------------------------===//

static SmallVector<int64_t> permuted(ArrayRef<int64_t> shape, ArrayRef<int64_t> permutation) {
  return llvm::map_to_vector(permutation, [&](int64_t dim) { return shape[dim]; });
}

void TransposeOp::build(OpBuilder &builder, OperationState &state, Value input, ArrayRef<int64_t> permutation) {
  build(builder, state, RankedTensorType::get(permuted(shapeOf(input), permutation), elementOf(input)), input,
        permutation);
}

LogicalResult TransposeOp::verify() {
  int64_t rank = shapeOf(getInput()).size();
  SmallVector<int64_t> sorted(getPermutation());
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, rank)))
    return emitOpError() << "expects a permutation of the " << rank << " dimensions of the input, but got ["
                         << getPermutation() << "]";
  return expectResult(*this, permuted(shapeOf(getInput()), getPermutation()), elementOf(getInput()));
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (llvm::is_sorted(getPermutation()) && getInput().getType() == getType())
    return getInput();
  auto inner = getInput().getDefiningOp<TransposeOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> both = permuted(inner.getPermutation(), getPermutation());
  getInputMutable().assign(inner.getInput());
  setPermutation(both);
  return getResult();
}

//===-- gather, concat ----------------------------------------------------------------------------------------===//

static SmallVector<int64_t> gatheredShape(Value input, Value indices, int64_t axis) {
  ArrayRef<int64_t> shape = shapeOf(input);
  SmallVector<int64_t> result(shape.take_front(axis));
  llvm::append_range(result, shapeOf(indices));
  llvm::append_range(result, shape.drop_front(axis + 1));
  return result;
}

void GatherOp::build(OpBuilder &builder, OperationState &state, Value input, Value indices, int64_t axis) {
  build(builder, state, RankedTensorType::get(gatheredShape(input, indices, axis), elementOf(input)), input, indices,
        static_cast<uint64_t>(axis));
}

LogicalResult GatherOp::verify() {
  if (failed(expectAxis(*this, getAxis(), getInput())))
    return failure();
  return expectResult(*this, gatheredShape(getInput(), getIndices(), getAxis()), elementOf(getInput()));
}

/// The shape of the inputs together; each must have the rank of the first.
static SmallVector<int64_t> joinedShape(ValueRange inputs, int64_t axis) {
  SmallVector<int64_t> result(shapeOf(inputs.front()));
  for (Value input : inputs.drop_front())
    for (auto [dim, size] : llvm::enumerate(shapeOf(input))) {
      if (int64_t(dim) != axis)
        result[dim] = ShapedType::isDynamic(result[dim]) ? size : result[dim];
      else if (ShapedType::isDynamic(size) || ShapedType::isDynamic(result[dim]))
        result[dim] = ShapedType::kDynamic;
      else
        result[dim] += size;
    }
  return result;
}

void ConcatOp::build(OpBuilder &builder, OperationState &state, ValueRange inputs, int64_t axis) {
  build(builder, state, RankedTensorType::get(joinedShape(inputs, axis), elementOf(inputs.front())), inputs,
        static_cast<uint64_t>(axis));
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError() << "expects at least one input, but got none";
  if (failed(expectAxis(*this, getAxis(), getInputs().front())))
    return failure();
  auto first = cast<RankedTensorType>(getInputs().front().getType());
  for (Value input : getInputs().drop_front()) {
    SmallVector<int64_t> shape(shapeOf(input));
    if (shape.size() == size_t(first.getRank()))
      shape[getAxis()] = first.getDimSize(getAxis());
    if (elementOf(input) != first.getElementType() || failed(verifyCompatibleShape(first.getShape(), shape)))
      return emitOpError() << "expects inputs of " << first << " but for dimension " << getAxis() << ", but got "
                           << input.getType();
  }
  return expectResult(*this, joinedShape(getInputs(), getAxis()), first.getElementType());
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1 && getInputs().front().getType() == getType())
    return getInputs().front();
  return {};
}

//===-- slice -------------------------------------------------------------------------------------------------===//

/// How many elements a slice of a dimension of `size` chooses; dynamic where that isn't known.
static int64_t chosen(int64_t size, int64_t from, int64_t to, int64_t step) {
  if (ShapedType::isDynamic(size) || ShapedType::isDynamic(from) || ShapedType::isDynamic(to))
    return ShapedType::kDynamic;
  from = std::clamp<int64_t>(from < 0 ? from + size : from, 0, size);
  to = std::clamp<int64_t>(to < 0 ? to + size : to, 0, size);
  return from < to ? llvm::divideCeil(to - from, step) : 0;
}

void SliceOp::build(OpBuilder &builder, OperationState &state, Value input, int64_t axis, OpFoldResult from,
                    OpFoldResult to, int64_t step) {
  SmallVector<Value> dynamic;
  SmallVector<int64_t> bounds;
  dispatchIndexOpFoldResults({from, to}, dynamic, bounds);
  SmallVector<int64_t> shape(shapeOf(input));
  shape[axis] = chosen(shape[axis], bounds[0], bounds[1], step);
  build(builder, state, RankedTensorType::get(shape, elementOf(input)), input, static_cast<uint64_t>(axis), dynamic,
        bounds, static_cast<uint64_t>(step));
}

OpFoldResult SliceOp::getFrom() { return getEntry(*this, getStaticBounds(), getBounds(), 0); }
OpFoldResult SliceOp::getTo() { return getEntry(*this, getStaticBounds(), getBounds(), 1); }

LogicalResult SliceOp::verify() {
  if (failed(expectAxis(*this, getAxis(), getInput())) || failed(expectEntries(*this, getStaticBounds(), getBounds())))
    return failure();
  if (getStaticBounds().size() != 2)
    return emitOpError() << "expects a list of two entries, but got " << getStaticBounds().size();
  int64_t step = getStep();
  if (step < 1)
    return emitOpError() << "expects a positive step, but got " << step;
  SmallVector<int64_t> shape(shapeOf(getInput()));
  shape[getAxis()] = chosen(shape[getAxis()], getStaticBounds()[0], getStaticBounds()[1], step);
  return expectResult(*this, shape, elementOf(getInput()));
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  int64_t size = shapeOf(getInput())[getAxis()];
  ArrayRef<int64_t> bounds = getStaticBounds();
  bool toEnd = bounds[1] == INT64_MAX || (!ShapedType::isDynamic(size) && bounds[1] >= size);
  if (bounds[0] == 0 && toEnd && getStep() == 1 && getInput().getType() == getType())
    return getInput();
  std::optional<SmallVector<int64_t>> folded =
      foldEntries(bounds, adaptor.getBounds(), getBoundsMutable(), /*least=*/INT64_MIN);
  if (!folded)
    return {};
  setStaticBounds(*folded);
  return getResult();
}

//===-- dim, iota, scalar -------------------------------------------------------------------------------------===//

void DimOp::build(OpBuilder &builder, OperationState &state, Value input, int64_t axis) {
  build(builder, state, builder.getIndexType(), input, static_cast<uint64_t>(axis));
}

LogicalResult DimOp::verify() { return expectAxis(*this, getAxis(), getInput()); }

OpFoldResult DimOp::fold(FoldAdaptor) {
  Dim origin = getOrigin({getInput(), int64_t(getAxis())});
  int64_t size = shapeOf(origin.tensor)[origin.axis];
  if (!ShapedType::isDynamic(size))
    return IntegerAttr::get(IndexType::get(getContext()), size);
  if (origin.tensor == getInput())
    return {};
  getInputMutable().assign(origin.tensor);
  setAxis(origin.axis);
  return getResult();
}

static bool isBool(Value tensor) { return elementOf(tensor).isInteger(1); }

LogicalResult IotaOp::verify() {
  RankedTensorType type = getResult().getType();
  if (type.getRank() != 1 || isBool(getResult()))
    return emitOpError() << "expects a result of rank 1 of i32 or f32, but got " << type;
  if (bool(getSize()) != type.isDynamicDim(0))
    return emitOpError() << "expects a size if and only if the result's is dynamic, but got "
                         << (getSize() ? "one" : "none") << " for " << type;
  return success();
}

LogicalResult ScalarOp::verify() {
  if (getResult().getType().getRank() != 0 || isBool(getResult()))
    return emitOpError() << "expects a result of rank 0 of i32 or f32, but got " << getResult().getType();
  return success();
}
