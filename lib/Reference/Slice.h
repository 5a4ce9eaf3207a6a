// Parts of tensors at run time: what ops of tensor with offsets, sizes and strides read or write.
#pragma once
#include "lib/Reference/Models.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace ph::reference {

/// The numbers behind mixed static and dynamic entries, the dynamic ones taken from the front of `dynamic`.
inline llvm::SmallVector<int64_t> resolve(llvm::ArrayRef<int64_t> entries, llvm::ArrayRef<Value> &dynamic) {
  return llvm::map_to_vector(entries, [&](int64_t entry) {
    if (!mlir::ShapedType::isDynamic(entry))
      return entry;
    int64_t number = dynamic.front().integer();
    dynamic = dynamic.drop_front();
    return number;
  });
}

/// A part of a tensor.
struct Slice {
  llvm::SmallVector<int64_t> offsets, sizes, strides;

  /// `visit` gets the flat index in a tensor of `shape` of each element, in order. Fails, with a message, where the
  /// part isn't in it.
  mlir::LogicalResult walk(mlir::Operation *op, llvm::ArrayRef<int64_t> shape,
                           llvm::function_ref<void(int64_t)> visit) const;
  /// Writes the elements of `source`, in order, over the part of `into`. Fails, with a message, where they don't fit.
  mlir::LogicalResult put(mlir::Operation *op, const Tensor &source, Tensor &into) const;
};

/// The part that an op says; `dynamic` are its operands from the first offset on.
template <class Op> Slice sliceOf(Op op, llvm::ArrayRef<Value> dynamic) {
  Slice slice;
  slice.offsets = resolve(op.getStaticOffsets(), dynamic);
  slice.sizes = resolve(op.getStaticSizes(), dynamic);
  slice.strides = resolve(op.getStaticStrides(), dynamic);
  return slice;
}

} // namespace ph::reference
