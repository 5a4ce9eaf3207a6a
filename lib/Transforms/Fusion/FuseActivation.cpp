#include "lib/Transforms/Fusion/Product.h"
#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSEACTIVATIONPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

struct FuseActivationPass final : impl::FuseActivationPassBase<FuseActivationPass> {
  void runOnOperation() override {
    SmallVector<Operation *> activations;
    getOperation()->walk([&](Operation *op) {
      if (activationOf(op))
        activations.push_back(op);
    });
    for (Operation *op : activations)
      if (auto product = op->getOperand(0).getDefiningOp<xf::LinearOp>())
        if (std::string reason = fuse(op, product); !reason.empty())
          remarkRefused(op, getArgument(), reason);
  }

private:
  /// The function that the op applies, if a product can end with it.
  static std::optional<xf::Activation> activationOf(Operation *op) {
    if (auto activation = dyn_cast<xf::ActivationOp>(op))
      return activation.getActivation();
    auto unary = dyn_cast<xf::UnaryOp>(op);
    if (unary && unary.getKind() == xf::UnaryKind::Tanh)
      return xf::Activation::Tanh;
    if (unary && unary.getKind() == xf::UnaryKind::Sigmoid)
      return xf::Activation::Sigmoid;
    return std::nullopt;
  }

  /// Why nothing was done; empty if it was.
  std::string fuse(Operation *op, xf::LinearOp product) {
    if (std::string reason = refusalToAbsorb(product, op); !reason.empty())
      return reason;
    if (product.getResidual())
      return "the product has a residual, which is added after its activation";
    if (product.getActivation())
      return "the product has an activation already";
    auto activation = xf::ActivationAttr::get(&getContext(), *activationOf(op));
    auto whole = replaceByProduct(op, product, product.getBias(), /*residual=*/Value(), activation);
    remarkDone(whole, getArgument(), "the activation is part of the product");
    ++fused;
    return "";
  }
};

} // namespace
} // namespace ph
