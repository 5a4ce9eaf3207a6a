#include "lib/Autodiff/Gradients.h"
#include "dialects/Transformer/Dims.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ph::autodiff {

Value as(Primitives &p, Value value, Type type) {
  return value.getType() == type ? value : tensor::CastOp::create(p, type, value).getResult();
}

SmallVector<OpFoldResult> sizesOf(Primitives &p, Value tensor) {
  SmallVector<OpFoldResult> sizes;
  for (auto [axis, size] : llvm::enumerate(xf::shapeOf(tensor)))
    sizes.push_back(ShapedType::isDynamic(size) ? OpFoldResult(xf::DimOp::create(p, tensor, axis).getResult())
                                                : OpFoldResult(p.getI64IntegerAttr(size)));
  return sizes;
}

Value zerosLike(Primitives &p, Value like) {
  return as(p, xf::BroadcastOp::create(p, p.number(0), sizesOf(p, like)), like.getType());
}

Value reshapeLike(Primitives &p, Value value, Value like) {
  if (value.getType() == like.getType())
    return value;
  return as(p, xf::ReshapeOp::create(p, value, sizesOf(p, like)), like.getType());
}

Value asRows(Primitives &p, Value value) {
  ArrayRef<int64_t> shape = xf::shapeOf(value);
  if (shape.size() == 2)
    return value;
  return xf::ReshapeOp::create(p, value, {p.getI64IntegerAttr(-1), OpFoldResult(p.getI64IntegerAttr(shape.back()))});
}

Value broadcastLike(Primitives &p, Value value, Value like) {
  if (xf::shapeOf(value) == xf::shapeOf(like))
    return as(p, value, like.getType());
  return as(p, xf::BroadcastOp::create(p, value, sizesOf(p, like)), like.getType());
}

Value sumAlong(Primitives &p, Value value, ArrayRef<int64_t> axes) {
  return xf::ReduceOp::create(p, xf::ReduceKind::Sum, value, axes, /*keepdims=*/true);
}

FailureOr<Value> sumToLike(Primitives &p, Operation *op, Value value, Value like) {
  ArrayRef<int64_t> wide = xf::shapeOf(value), narrow = xf::shapeOf(like);
  int64_t extra = int64_t(wide.size()) - int64_t(narrow.size());
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, extra));
  for (auto [axis, size] : llvm::enumerate(narrow)) {
    int64_t whole = wide[extra + axis];
    if (size == 1 && whole != 1)
      axes.push_back(extra + axis);
    else if (ShapedType::isDynamic(size) && !xf::areEqual({like, int64_t(axis)}, {value, int64_t(extra + axis)}) &&
             !xf::areEqualAsArguments({like, int64_t(axis)}, {value, int64_t(extra + axis)}))
      return op->emitOpError() << "repeats dimension " << axis << " of " << like.getType()
                               << " perhaps: its derivative needs to know";
  }
  if (!axes.empty())
    value = sumAlong(p, value, axes);
  return reshapeLike(p, value, like);
}

} // namespace ph::autodiff
