#include "ExpandedMemory.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ph::conversion {

void expandWholeMemory(func::FuncOp function) {
  SmallVector<memref::ExpandShapeOp> ops;
  function.walk([&](memref::ExpandShapeOp op) {
    if (op.getSrcType().getLayout().isIdentity())
      ops.push_back(op);
  });
  for (memref::ExpandShapeOp op : ops) {
    ImplicitLocOpBuilder b(op.getLoc(), op);
    SmallVector<OpFoldResult> sizes = getMixedValues(op.getStaticOutputShape(), op.getOutputShape(), b);
    SmallVector<OpFoldResult> strides(sizes.size());
    OpFoldResult stride = b.getIndexAttr(1);
    for (int64_t i = int64_t(sizes.size()) - 1; i >= 0; --i) {
      strides[i] = stride;
      std::optional<int64_t> known = getConstantIntValue(stride), size = getConstantIntValue(sizes[i]);
      if (known && size)
        stride = b.getIndexAttr(*known * *size);
      else
        stride = arith::MulIOp::create(b, getValueOrCreateConstantIndexOp(b, b.getLoc(), stride),
                                       getValueOrCreateConstantIndexOp(b, b.getLoc(), sizes[i]))
                     .getResult();
    }
    auto cast =
        memref::ReinterpretCastOp::create(b, op.getResultType(), op.getSrc(), b.getIndexAttr(0), sizes, strides);
    op.replaceAllUsesWith(cast.getResult());
    op.erase();
  }
}

} // namespace ph::conversion
