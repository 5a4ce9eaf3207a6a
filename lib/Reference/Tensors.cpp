// Ops of tensor: they make, cut, join and reshape.
#include "lib/Reference/ScalarMath.h"
#include "lib/Reference/Slice.h"

using namespace mlir;

namespace ph::reference {

LogicalResult Slice::walk(Operation *op, ArrayRef<int64_t> shape, function_ref<void(int64_t)> visit) const {
  for (auto [offset, size, stride, held] : llvm::zip_equal(offsets, sizes, strides, shape))
    if (size < 0 || offset < 0 || offset > held || (size > 0 && offset + (size - 1) * stride >= held))
      return mismatch(op, "a slice in a tensor of " + shapeText(shape) + " at " + shapeText(offsets), sizes);
  if (llvm::is_contained(sizes, 0))
    return success();
  SmallVector<int64_t> point(sizes.size(), 0);
  bool more = true;
  while (more) {
    int64_t index = 0;
    for (auto [i, held] : llvm::enumerate(shape))
      index = index * held + offsets[i] + point[i] * strides[i];
    visit(index);
    more = false;
    for (size_t dim = sizes.size(); dim-- > 0 && !more;) {
      more = ++point[dim] < sizes[dim];
      if (!more)
        point[dim] = 0;
    }
  }
  return success();
}

LogicalResult Slice::put(Operation *op, const Tensor &source, Tensor &into) const {
  if (ShapedType::getNumElements(sizes) != int64_t(source.data.size()))
    return mismatch(op, "a source of " + shapeText(sizes), source.shape);
  const double *next = source.data.data();
  return walk(op, into.shape, [&](int64_t index) { into.data[index] = *next++; });
}

static LogicalResult empty(tensor::EmptyOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                           Context &context) {
  SmallVector<int64_t> shape = resolve(op.getType().getShape(), inputs);
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return mismatch(op, "sizes of at least 0", shape);
  return context.give(op, Tensor(shape), results);
}

static LogicalResult dim(tensor::DimOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &) {
  ArrayRef<int64_t> shape = inputs[0].tensor().shape;
  int64_t index = inputs[1].integer();
  if (index < 0 || index >= int64_t(shape.size()))
    return mismatch(op, "a dimension below " + Twine(shape.size()), index);
  results.emplace_back(shape[index]);
  return success();
}

static LogicalResult cast(tensor::CastOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                          Context &context) {
  return context.give(op, inputs[0].tensor(), results);
}

static LogicalResult extractSlice(tensor::ExtractSliceOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  const Tensor &source = inputs[0].tensor();
  Slice slice = sliceOf(op, inputs.drop_front());
  SmallVector<int64_t> shape;
  llvm::SmallBitVector dropped = op.getDroppedDims();
  for (auto [index, size] : llvm::enumerate(slice.sizes))
    if (!dropped.test(index))
      shape.push_back(size);
  std::vector<double> data;
  if (failed(slice.walk(op, source.shape, [&](int64_t index) { data.push_back(source.data[index]); })))
    return failure();
  return context.give(op, Tensor(shape, std::move(data)), results);
}

static LogicalResult insertSlice(tensor::InsertSliceOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                 Context &context) {
  const Tensor &source = inputs[0].tensor();
  Tensor result = inputs[1].tensor();
  Slice slice = sliceOf(op, inputs.drop_front(2));
  if (failed(slice.put(op, source, result)))
    return failure();
  return context.give(op, std::move(result), results);
}

/// The flat place of indices in a tensor. Fails, with a message, if they are outside.
static FailureOr<int64_t> placeOf(Operation *op, ArrayRef<int64_t> shape, ArrayRef<Value> indices) {
  int64_t place = 0;
  for (auto [size, index] : llvm::zip_equal(shape, indices)) {
    if (index.integer() < 0 || index.integer() >= size)
      return mismatch(op, "an index below " + Twine(size), index.integer());
    place = place * size + index.integer();
  }
  return place;
}

static LogicalResult extract(tensor::ExtractOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &) {
  FailureOr<int64_t> place = placeOf(op, inputs[0].tensor().shape, inputs.drop_front());
  if (failed(place))
    return failure();
  results.push_back(makeScalar(op.getType(), inputs[0].tensor().data[*place]));
  return success();
}

static LogicalResult insert(tensor::InsertOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  Tensor result = inputs[1].tensor();
  FailureOr<int64_t> place = placeOf(op, result.shape, inputs.drop_front(2));
  if (failed(place))
    return failure();
  result.data[*place] = scalarOf(inputs[0]);
  return context.give(op, std::move(result), results);
}

static LogicalResult collapse(tensor::CollapseShapeOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                              Context &context) {
  const Tensor &source = inputs[0].tensor();
  SmallVector<int64_t> shape;
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    int64_t size = 1;
    for (int64_t index : group)
      size *= source.shape[index];
    shape.push_back(size);
  }
  return context.give(op, Tensor(shape, source.data), results);
}

static LogicalResult expand(tensor::ExpandShapeOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  const Tensor &source = inputs[0].tensor();
  ArrayRef<Value> dynamic = inputs.drop_front();
  SmallVector<int64_t> shape = resolve(op.getStaticOutputShape(), dynamic);
  if (ShapedType::getNumElements(shape) != int64_t(source.data.size()))
    return mismatch(op, "as many elements as " + shapeText(shape) + " has", source.shape);
  return context.give(op, Tensor(shape, source.data), results);
}

static LogicalResult splat(tensor::SplatOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                           Context &context) {
  ArrayRef<Value> dynamic = inputs.drop_front();
  Tensor result(resolve(op.getType().getShape(), dynamic));
  std::fill(result.data.begin(), result.data.end(), scalarOf(inputs[0]));
  return context.give(op, std::move(result), results);
}

void registerTensor(MLIRContext *context) {
  attach<tensor::EmptyOp, empty>(context);
  attach<tensor::DimOp, dim>(context);
  attach<tensor::CastOp, cast>(context);
  attach<tensor::ExtractSliceOp, extractSlice>(context);
  attach<tensor::InsertSliceOp, insertSlice>(context);
  attach<tensor::ExtractOp, extract>(context);
  attach<tensor::InsertOp, insert>(context);
  attach<tensor::CollapseShapeOp, collapse>(context);
  attach<tensor::ExpandShapeOp, expand>(context);
  attach<tensor::SplatOp, splat>(context);
}

} // namespace ph::reference
