// Primitives that move elements, or make numbers of shapes.
#include "lib/Reference/Broadcast.h"

using namespace mlir;

namespace ph::reference {

/// The entries of a list, those that are computed taken from the operands after the first.
static SmallVector<int64_t> entries(ArrayRef<int64_t> list, ArrayRef<Value> inputs) {
  unsigned next = 1;
  return llvm::map_to_vector(
      list, [&](int64_t size) { return ShapedType::isDynamic(size) ? inputs[next++].integer() : size; });
}

static LogicalResult transpose(xf::TransposeOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  const Tensor &input = inputs[0].tensor();
  ArrayRef<int64_t> permutation = op.getPermutation();
  SmallVector<int64_t> shape, strides(input.shape.size(), 1), moved;
  for (size_t dim = strides.size(); dim-- > 1;)
    strides[dim - 1] = strides[dim] * input.shape[dim];
  for (int64_t dim : permutation) {
    shape.push_back(input.shape[dim]);
    moved.push_back(strides[dim]);
  }
  Tensor result(shape);
  for (size_t flat = 0; flat < result.data.size(); ++flat) {
    size_t rest = flat, at = 0;
    for (size_t dim = shape.size(); dim-- > 0; rest /= shape[dim])
      at += rest % shape[dim] * moved[dim];
    result.data[flat] = input.data[at];
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult reshape(xf::ReshapeOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  const Tensor &input = inputs[0].tensor();
  SmallVector<int64_t> shape = entries(op.getShape(), inputs);
  int64_t *open = nullptr, known = 1, count = input.data.size();
  for (auto [index, size] : llvm::enumerate(shape)) {
    if (op.getShape()[index] == 0)
      size = input.shape[index];
    else if (op.getShape()[index] == -1)
      open = &size;
    if (&size != open)
      known *= size;
  }
  if (open)
    *open = known ? count / known : 0;
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }) || ShapedType::getNumElements(shape) != count)
    return mismatch(op, "a shape of " + Twine(count) + " elements", shape);
  return context.give(op, Tensor(shape, input.data), results);
}

static LogicalResult broadcast(xf::BroadcastOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  const Tensor &input = inputs[0].tensor();
  SmallVector<int64_t> list = entries(op.getShape(), inputs);
  if (llvm::any_of(list, [](int64_t size) { return size < 0; }))
    return mismatch(op, "entries of 0 or more", list);
  // Its elements aren't looked at; a tensor of the listed shape may have many.
  Tensor shaped;
  shaped.shape = list;
  FailureOr<SmallVector<int64_t>> shape = commonShape(op, {&shaped, &input});
  return failed(shape) ? failure() : context.give(op, broadcastTo(input, *shape), results);
}

/// How many elements stand from one element along `axis` to the next.
static int64_t strideOf(const Tensor &tensor, int64_t axis) {
  return ShapedType::getNumElements(ArrayRef<int64_t>(tensor.shape).drop_front(axis + 1));
}

static LogicalResult concat(xf::ConcatOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  int64_t axis = op.getAxis(), first = 0;
  SmallVector<int64_t> shape = inputs[0].tensor().shape;
  shape[axis] = 0;
  for (const Value &input : inputs) {
    SmallVector<int64_t> other = input.tensor().shape;
    shape[axis] += other[axis];
    other[axis] = shape[axis];
    if (other != shape)
      return mismatch(op, "inputs of one shape but for dimension " + Twine(axis), input.tensor().shape);
  }
  Tensor result(shape);
  for (const Value &value : inputs) {
    const Tensor &input = value.tensor();
    int64_t width = input.shape[axis] * strideOf(input, axis), pitch = shape[axis] * strideOf(result, axis);
    for (int64_t outer = 0; width && outer < int64_t(input.data.size()) / width; ++outer)
      std::copy_n(input.data.data() + outer * width, width, result.data.data() + outer * pitch + first);
    first += width;
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult slice(xf::SliceOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  const Tensor &input = inputs[0].tensor();
  int64_t axis = op.getAxis(), size = input.shape[axis], stride = strideOf(input, axis), step = op.getStep();
  SmallVector<int64_t> bounds = entries(op.getStaticBounds(), inputs);
  for (int64_t &bound : bounds)
    bound = std::clamp<int64_t>(bound < 0 ? bound + size : bound, 0, size);
  SmallVector<int64_t> shape = input.shape;
  shape[axis] = bounds[0] < bounds[1] ? (bounds[1] - bounds[0] + step - 1) / step : 0;
  Tensor result(shape);
  for (int64_t flat = 0; flat < int64_t(result.data.size()); ++flat) {
    int64_t inner = flat % stride, along = flat / stride % shape[axis], outer = flat / stride / shape[axis];
    result.data[flat] = input.data[(outer * size + bounds[0] + along * step) * stride + inner];
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult gather(xf::GatherOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  const Tensor &input = inputs[0].tensor(), &indices = inputs[1].tensor();
  int64_t axis = op.getAxis(), size = input.shape[axis], stride = strideOf(input, axis);
  SmallVector<int64_t> shape(ArrayRef<int64_t>(input.shape).take_front(axis));
  llvm::append_range(shape, indices.shape);
  llvm::append_range(shape, ArrayRef<int64_t>(input.shape).drop_front(axis + 1));
  for (double index : indices.data)
    if (index < double(-size) || index >= double(size))
      return mismatch(op, "indices from " + Twine(-size) + " to " + Twine(size - 1), int64_t(index));
  Tensor result(shape);
  int64_t count = indices.data.size();
  for (int64_t flat = 0; flat < int64_t(result.data.size()); ++flat) {
    int64_t inner = flat % stride, index = indices.data[flat / stride % count], outer = flat / stride / count;
    result.data[flat] = input.data[(outer * size + (index < 0 ? index + size : index)) * stride + inner];
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult dim(xf::DimOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &) {
  results.emplace_back(inputs[0].tensor().shape[op.getAxis()]);
  return success();
}

static LogicalResult iota(xf::IotaOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  int64_t size = inputs.empty() ? op.getResult().getType().getDimSize(0) : inputs[0].integer();
  if (size < 0)
    return mismatch(op, "a size of 0 or more", size);
  Tensor result({size});
  for (auto [index, x] : llvm::enumerate(result.data))
    x = double(index);
  return context.give(op, std::move(result), results);
}

static LogicalResult scalar(xf::ScalarOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  return context.give(op, Tensor({}, {double(inputs[0].integer())}), results);
}

void registerShape(MLIRContext *context) {
  attach<xf::TransposeOp, transpose>(context);
  attach<xf::ReshapeOp, reshape>(context);
  attach<xf::BroadcastOp, broadcast>(context);
  attach<xf::ConcatOp, concat>(context);
  attach<xf::SliceOp, slice>(context);
  attach<xf::GatherOp, gather>(context);
  attach<xf::DimOp, dim>(context);
  attach<xf::IotaOp, iota>(context);
  attach<xf::ScalarOp, scalar>(context);
}

} // namespace ph::reference
