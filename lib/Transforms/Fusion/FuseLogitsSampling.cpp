#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSELOGITSSAMPLINGPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

struct FuseLogitsSamplingPass final : impl::FuseLogitsSamplingPassBase<FuseLogitsSamplingPass> {
  void runOnOperation() override {
    SmallVector<Operation *> samplings;
    getOperation()->walk([&](Operation *op) {
      if (isa<xf::ArgmaxOp, xf::SampleOp>(op))
        samplings.push_back(op);
    });
    for (Operation *op : samplings)
      if (auto logits = op->getOperand(0).getDefiningOp<xf::LogitsOp>())
        if (std::string reason = fuse(op, logits); !reason.empty())
          remarkRefused(op, getArgument(), reason);
  }

private:
  /// Why nothing was done; empty if it was.
  std::string fuse(Operation *op, xf::LogitsOp logits) {
    if (!logits->hasOneUse())
      return "the scores are used elsewhere too";
    if (logits->getBlock() != op->getBlock())
      return "the scores are made outside the loop";
    OpBuilder builder(op);
    Operation *token = create(builder, builder.getFusedLoc({logits.getLoc(), op->getLoc()}), op, logits);
    remarkDone(token, getArgument(), "scores needn't be kept");
    op->replaceAllUsesWith(ValueRange(token->getResult(0)));
    op->erase();
    logits.erase();
    ++fused;
    return "";
  }

  static Operation *create(OpBuilder &builder, Location loc, Operation *op, xf::LogitsOp logits) {
    auto sample = dyn_cast<xf::SampleOp>(op);
    bool best = !sample || (sample.getTemperature() && sample.getTemperature()->isZero() && !sample.getRecent());
    if (best)
      return xf::LogitsArgmaxOp::create(builder, loc, op->getResult(0).getType(), logits.getInput(), logits.getWeight(),
                                        logits.getScaleAttr(), logits.getSoftCapAttr());
    return xf::LogitsSampleOp::create(builder, loc, sample.getType(), logits.getInput(), logits.getWeight(),
                                      sample.getUniform(), sample.getRecent(), logits.getScaleAttr(),
                                      logits.getSoftCapAttr(), sample.getTemperatureAttr(), sample.getTopKAttr(),
                                      sample.getTopPAttr(), sample.getMinPAttr(), sample.getRepeatPenaltyAttr());
  }
};

} // namespace
} // namespace ph
