#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSEGATEUPPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

struct FuseGateUp : OpRewritePattern<xf::GatedActivationOp> {
  FuseGateUp(MLIRContext *context, StringRef pass, Pass::Statistic &fused)
      : OpRewritePattern(context), pass(pass), fused(fused) {}

  LogicalResult matchAndRewrite(xf::GatedActivationOp op, PatternRewriter &rewriter) const override {
    auto gate = op.getGate().getDefiningOp<xf::LinearOp>(), up = op.getUp().getDefiningOp<xf::LinearOp>();
    if (!gate || !up)
      return rewriter.notifyMatchFailure(op, "gate or up isn't made by a linear");
    if (op.getLimit() || op.getUpOffset())
      return refuse(rewriter, op, pass, "the activation has a limit or an offset");
    for (xf::LinearOp linear : {gate, up}) {
      if (linear.getResidual() || linear.getActivation())
        return refuse(rewriter, op, pass, "gate or up has an activation or a residual");
      if (xf::getFormat(linear.getType()))
        return refuse(rewriter, op, pass, "gate or up is encoded");
      if (!linear->hasOneUse())
        return refuse(rewriter, op, pass, "gate or up is used elsewhere too");
      if (linear->getBlock() != op->getBlock())
        return refuse(rewriter, op, pass, "gate or up is made outside the loop");
    }
    if (gate.getInput() != up.getInput())
      return refuse(rewriter, op, pass, "gate and up have different inputs");
    if (xf::getFormat(gate.getWeight().getType()) != xf::getFormat(up.getWeight().getType()))
      return refuse(rewriter, op, pass, "the weights of gate and up have different formats");
    auto both = rewriter.replaceOpWithNewOp<xf::GatedLinearOp>(op, op.getType(), gate.getInput(), gate.getWeight(),
                                                               up.getWeight(), gate.getBias(), up.getBias(),
                                                               op.getActivation());
    remarkDone(both, pass, "gate, up and activation are one op");
    rewriter.eraseOp(gate);
    rewriter.eraseOp(up);
    ++fused;
    return success();
  }

  StringRef pass;
  Pass::Statistic &fused;
};

struct FuseGateUpPass final : impl::FuseGateUpPassBase<FuseGateUpPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseGateUp>(&getContext(), getArgument(), fused);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
