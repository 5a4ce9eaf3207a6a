#include "dialects/Transformer/Broadcast.h"

using namespace mlir;

namespace ph::xf {

FailureOr<SmallVector<int64_t>> broadcastShapes(ArrayRef<ArrayRef<int64_t>> shapes) {
  size_t rank = 0;
  for (ArrayRef<int64_t> shape : shapes)
    rank = std::max(rank, shape.size());
  SmallVector<int64_t> result(rank, 1);
  for (ArrayRef<int64_t> shape : shapes)
    for (auto [size, dim] : llvm::zip_equal(MutableArrayRef(result).take_back(shape.size()), shape)) {
      if (size == 1 || (ShapedType::isDynamic(size) && dim != 1))
        size = dim;
      else if (dim != 1 && !mayEqual(size, dim))
        return failure();
    }
  return result;
}

ArrayRef<int64_t> shapeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getShape(); }
Type elementOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); }

LogicalResult expectResult(Operation *op, ArrayRef<int64_t> shape, Type element) {
  Value result = op->getResult(0);
  if (elementOf(result) != element || failed(verifyCompatibleShape(shapeOf(result), shape)))
    return op->emitOpError() << "expects a result of type " << RankedTensorType::get(shape, element) << ", but got "
                             << result.getType();
  return success();
}

LogicalResult expectBroadcast(Operation *op, ArrayRef<Value> operands, Type element) {
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(llvm::map_to_vector(operands, [](Value value) { return shapeOf(value); }));
  if (succeeded(shape))
    return expectResult(op, *shape, element);
  InFlightDiagnostic error = op->emitOpError() << "expects shapes that can be broadcast to one another, but got ";
  llvm::interleaveComma(operands, error, [&](Value value) { error << value.getType(); });
  return error;
}

LogicalResult expectAxis(Operation *op, int64_t axis, Value tensor) {
  int64_t rank = shapeOf(tensor).size();
  if (axis < 0 || axis >= rank)
    return op->emitOpError() << "expects an axis below " << rank << ", but got " << axis;
  return success();
}

} // namespace ph::xf
