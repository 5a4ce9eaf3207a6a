#include "lib/Transforms/Fusion/Product.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSERESIDUALPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

struct FuseResidual : OpRewritePattern<xf::AddOp> {
  FuseResidual(MLIRContext *context, StringRef pass, Pass::Statistic &fused)
      : OpRewritePattern(context), pass(pass), fused(fused) {}

  LogicalResult matchAndRewrite(xf::AddOp op, PatternRewriter &rewriter) const override {
    std::string reason;
    // A branch is added to the stream, so the product is usually on the right.
    for (auto [product, residual] : {std::pair(op.getRhs(), op.getLhs()), std::pair(op.getLhs(), op.getRhs())}) {
      auto linear = product.getDefiningOp<xf::LinearOp>();
      if (!linear)
        continue;
      if (std::string refusal = refusalToAbsorb(linear, op); !refusal.empty()) {
        reason = refusal;
      } else if (linear.getResidual()) {
        reason = "the product has a residual already";
      } else {
        // Here, where both are defined, not where the product was: the residual may come later.
        auto fusedProduct =
            rewriter.replaceOpWithNewOp<xf::LinearOp>(op, op.getType(), linear.getInput(), linear.getWeight(),
                                                      linear.getBias(), residual, linear.getActivationAttr());
        remarkDone(fusedProduct, pass, "the other side of the sum is the product's residual");
        rewriter.eraseOp(linear);
        ++fused;
        return success();
      }
    }
    if (!reason.empty())
      return refuse(rewriter, op, pass, reason);
    return rewriter.notifyMatchFailure(op, "no linear is added");
  }

  StringRef pass;
  Pass::Statistic &fused;
};

struct FuseResidualPass final : impl::FuseResidualPassBase<FuseResidualPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseResidual>(&getContext(), getArgument(), fused);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
