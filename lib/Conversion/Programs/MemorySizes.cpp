#include "MemorySizes.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ph::conversion {
namespace {

Value indexOf(ImplicitLocOpBuilder &b, OpFoldResult size) {
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), size);
}

/// Size `dim` of `memory`; null where that is unknown.
Value sizeOf(ImplicitLocOpBuilder &b, Value memory, int64_t dim) {
  auto type = cast<MemRefType>(memory.getType());
  if (!type.isDynamicDim(dim))
    return indexOf(b, b.getIndexAttr(type.getDimSize(dim)));
  if (auto argument = dyn_cast<BlockArgument>(memory)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    OpOperand *init = loop ? loop.getTiedLoopInit(argument) : nullptr;
    return init ? sizeOf(b, init->get(), dim) : Value();
  }
  return llvm::TypeSwitch<Operation *, Value>(memory.getDefiningOp())
      .Case<memref::AllocOp, memref::ViewOp>([&](auto op) {
        ValueRange sizes;
        if constexpr (std::is_same_v<decltype(op), memref::ViewOp>)
          sizes = op.getSizes();
        else
          sizes = op.getDynamicSizes();
        return sizes[type.getDynamicDimIndex(dim)];
      })
      .Case([&](memref::CastOp op) { return sizeOf(b, op.getSource(), dim); })
      .Case([&](memref::ExpandShapeOp op) {
        return indexOf(b, getMixedValues(op.getStaticOutputShape(), op.getOutputShape(), b)[dim]);
      })
      .Case([&](memref::CollapseShapeOp op) {
        Value product;
        for (int64_t from : op.getReassociationIndices()[dim]) {
          Value size = sizeOf(b, op.getSrc(), from);
          if (!size)
            return Value();
          product = product ? arith::MulIOp::create(b, product, size).getResult() : size;
        }
        return product;
      })
      .Case([&](memref::SubViewOp op) {
        llvm::SmallBitVector dropped = op.getDroppedDims();
        SmallVector<OpFoldResult> sizes = op.getMixedSizes();
        for (auto [i, size] : llvm::enumerate(sizes))
          if (!dropped.test(i) && dim-- == 0)
            return indexOf(b, size);
        return Value();
      })
      .Case([&](scf::ForOp op) {
        OpOperand *init = op.getTiedLoopInit(cast<OpResult>(memory));
        return sizeOf(b, init->get(), dim);
      })
      .Default(Value());
}

} // namespace

void resolveMemorySizes(func::FuncOp function) {
  function.walk([](memref::DimOp op) {
    std::optional<int64_t> dim = op.getConstantIndex();
    if (!dim || !isa<MemRefType>(op.getSource().getType()))
      return;
    ImplicitLocOpBuilder b(op.getLoc(), op);
    if (Value size = sizeOf(b, op.getSource(), *dim)) {
      op.replaceAllUsesWith(size);
      op.erase();
    }
  });
}

} // namespace ph::conversion
