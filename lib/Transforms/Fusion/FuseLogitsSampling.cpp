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
    if (auto sample = dyn_cast<xf::SampleOp>(op)) {
      if (!sample.getTemperature() || !sample.getTemperature()->isZero())
        return "a token is drawn, which takes all scores of the row";
      if (sample.getRecent())
        return "the scores of some tokens are changed before";
    }
    if (!logits->hasOneUse())
      return "the scores are used elsewhere too";
    if (logits->getBlock() != op->getBlock())
      return "the scores are made outside the loop";
    OpBuilder builder(op);
    auto token = xf::LogitsArgmaxOp::create(builder, builder.getFusedLoc({logits.getLoc(), op->getLoc()}),
                                            op->getResult(0).getType(), logits.getInput(), logits.getWeight(),
                                            logits.getScaleAttr(), logits.getSoftCapAttr());
    remarkDone(token, getArgument(), "scores needn't be kept");
    op->replaceAllUsesWith(token);
    op->erase();
    logits.erase();
    ++fused;
    return "";
  }
};

} // namespace
} // namespace ph
