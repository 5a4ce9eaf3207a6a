#include "lib/Transforms/Fusion/Product.h"
#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSEBIASPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

/// The vector that `value` repeats for each row of `features` elements; null if it is no such thing.
Value vectorOf(Value value, int64_t features) {
  auto onlyLast = [&](RankedTensorType type) {
    return type.hasStaticShape() && type.getRank() > 0 && type.getShape().back() == features &&
           type.getNumElements() == features;
  };
  while (Operation *op = value.getDefiningOp()) {
    auto reshape = dyn_cast<xf::ReshapeOp>(op);
    bool widens = reshape && onlyLast(cast<RankedTensorType>(value.getType()));
    if (!widens && !isa<xf::BroadcastOp>(op))
      break;
    value = op->getOperand(0);
  }
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 1 && onlyLast(type) && xf::isVector(type) ? value : Value();
}

struct FuseBiasPass final : impl::FuseBiasPassBase<FuseBiasPass> {
  void runOnOperation() override {
    SmallVector<Operation *> sums;
    getOperation()->walk([&](Operation *op) {
      auto elementwise = dyn_cast<xf::ElementwiseOp>(op);
      if (isa<xf::AddOp>(op) || (elementwise && elementwise.getKind() == xf::BinaryKind::Add))
        sums.push_back(op);
    });
    for (Operation *op : sums)
      for (auto [left, right] :
           {std::pair(op->getOperand(0), op->getOperand(1)), {op->getOperand(1), op->getOperand(0)}}) {
        auto product = left.getDefiningOp<xf::LinearOp>();
        Value bias = product ? vectorOf(right, product.getType().getShape().back()) : Value();
        if (!bias)
          continue;
        // xf.add has operands of one shape; xf.elementwise repeats a product of one row.
        bool mayWiden = isa<xf::ElementwiseOp>(op) && !cast<RankedTensorType>(right.getType()).hasStaticShape();
        if (std::string reason =
                mayWiden ? "the vector may be repeated for more rows than the product has" : fuse(op, product, bias);
            !reason.empty())
          remarkRefused(op, getArgument(), reason);
        break;
      }
  }

private:
  /// Why nothing was done; empty if it was.
  std::string fuse(Operation *op, xf::LinearOp product, Value bias) {
    if (std::string reason = refusalToAbsorb(product, op); !reason.empty())
      return reason;
    if (product.getBias())
      return "the product has a bias already";
    if (product.getActivation())
      return "the product has an activation, which comes after its bias";
    if (product.getType().getShape() != cast<RankedTensorType>(op->getResult(0).getType()).getShape())
      return "the sum has another shape than the product";
    // At the sum, where the vector is defined too.
    auto whole = replaceByProduct(op, product, bias, product.getResidual(), xf::ActivationAttr());
    remarkDone(whole, getArgument(), "the vector is the product's bias");
    ++fused;
    return "";
  }
};

} // namespace
} // namespace ph
