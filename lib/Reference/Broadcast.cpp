#include "lib/Reference/Broadcast.h"
#include "dialects/Transformer/Broadcast.h"

using namespace mlir;

namespace ph::reference {

Tensor broadcastTo(const Tensor &tensor, ArrayRef<int64_t> shape) {
  Tensor result(shape);
  size_t missing = shape.size() - tensor.shape.size();
  for (size_t flat = 0; flat < result.data.size(); ++flat) {
    size_t rest = flat, at = 0, stride = 1;
    for (size_t dim = shape.size(); dim-- > missing; rest /= shape[dim]) {
      int64_t size = tensor.shape[dim - missing];
      at += size == 1 ? 0 : rest % shape[dim] * stride;
      stride *= size;
    }
    result.data[flat] = tensor.data[at];
  }
  return result;
}

FailureOr<SmallVector<int64_t>> commonShape(Operation *op, ArrayRef<const Tensor *> tensors) {
  FailureOr<SmallVector<int64_t>> shape = xf::broadcastShapes(
      llvm::map_to_vector(tensors, [](const Tensor *tensor) { return ArrayRef<int64_t>(tensor->shape); }));
  if (failed(shape))
    return mismatch(op, "shapes that can be broadcast to " + shapeText(tensors.front()->shape), tensors.back()->shape);
  return shape;
}

} // namespace ph::reference
