#include "dialects/Transformer/Broadcast.h"
#include "lib/Transforms/Training/Expansions.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Transforms/Remarks.h"
#include "powerhouse/Transforms/Training/Passes.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_TRAINEXPANDPASS
#include "lib/Transforms/Training/Passes.h.inc"

namespace {

/// The operand whose size along an axis is that of all: one that is known, or the first.
Value operandWith(Operation *op, size_t axis) {
  Value first;
  for (Value operand : op->getOperands()) {
    ArrayRef<int64_t> shape = xf::shapeOf(operand);
    if (axis < shape.size() && !ShapedType::isDynamic(shape[axis]))
      return operand;
    if (axis < shape.size() && !first)
      first = operand;
  }
  return first;
}

/// Operands of a loss are equally long along each axis that they have. Says so, as far as nothing else does: of what
/// may be repeated, no derivative is known.
void alignOperands(Primitives &p, Operation *op) {
  for (OpOperand &operand : op->getOpOperands()) {
    Value x = operand.get();
    SmallVector<OpFoldResult> sizes;
    bool open = false;
    for (auto [axis, size] : llvm::enumerate(xf::shapeOf(x))) {
      xf::Dim own = {x, int64_t(axis)}, like = {operandWith(op, axis), int64_t(axis)};
      sizes.push_back(p.getI64IntegerAttr(0));
      if (!ShapedType::isDynamic(size) || xf::areEqual(own, like))
        continue;
      open = true;
      sizes.back() = sizeOf(p, like);
    }
    if (open)
      operand.set(xf::ReshapeOp::create(p, x, sizes));
  }
}

struct TrainExpandPass final : impl::TrainExpandPassBase<TrainExpandPass> {
  void runOnOperation() override {
    Expansions expansions;
    addGradientScaleExpansions(expansions);
    addHeadLossExpansions(expansions);
    addPolicyExpansions(expansions);
    addPreferenceLossExpansions(expansions);
    addTokenLossExpansions(expansions);
    SmallVector<Operation *> found;
    getOperation()->walk([&](Operation *op) {
      if (expansions.find(op))
        found.push_back(op);
    });
    for (Operation *op : found) {
      Primitives primitives(op->getLoc(), op);
      alignOperands(primitives, op);
      SmallVector<Value> results = (*expansions.find(op))(primitives, op);
      for (auto [old, value] : llvm::zip_equal(op->getResults(), results))
        // A dimension that only one of several operands states.
        old.replaceAllUsesWith(value.getType() == old.getType()
                                   ? value
                                   : tensor::CastOp::create(primitives, old.getType(), value).getResult());
      remarkDone(op, getArgument(), "spelled out in primitives");
      op->erase();
      ++expanded;
    }
  }
};

} // namespace
} // namespace ph
