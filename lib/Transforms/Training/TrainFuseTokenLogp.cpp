#include "dialects/Transformer/Dims.h"
#include "powerhouse/Transforms/Remarks.h"
#include "powerhouse/Transforms/Training/Passes.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_TRAINFUSETOKENLOGPPASS
#include "lib/Transforms/Training/Passes.h.inc"

namespace {

struct TrainFuseTokenLogpPass final : impl::TrainFuseTokenLogpPassBase<TrainFuseTokenLogpPass> {
  void runOnOperation() override {
    SmallVector<train::TokenLogpBackwardOp> found;
    getOperation()->walk([&](train::TokenLogpBackwardOp op) { found.push_back(op); });
    for (train::TokenLogpBackwardOp backward : found)
      if (train::TokenLogpOp forward = forwardOf(backward))
        fuse(forward, backward);
  }

private:
  /// The op of the same logits, before it in its block; null if there is none.
  static train::TokenLogpOp forwardOf(train::TokenLogpBackwardOp backward) {
    for (Operation *user : backward.getLabels().getUsers()) {
      auto forward = dyn_cast<train::TokenLogpOp>(user);
      if (forward && forward->getBlock() == backward->getBlock() && forward->isBeforeInBlock(backward) &&
          forward.getHidden() == backward.getHidden() && forward.getWeight() == backward.getWeight() &&
          forward.getLabels() == backward.getLabels() &&
          forward.getIgnoreIndexAttr() == backward.getIgnoreIndexAttr() &&
          forward.getScaleAttr() == backward.getScaleAttr() && forward.getSoftCapAttr() == backward.getSoftCapAttr())
        return forward;
    }
    return {};
  }

  /// Sizes that are asked of what the log-probabilities became are those of the labels.
  static void askLabels(train::TokenLogpOp forward) {
    SmallVector<std::pair<xf::DimOp, int64_t>> asked;
    for (Operation &op : llvm::make_range(forward->getIterator(), forward->getBlock()->end()))
      if (auto dim = dyn_cast<xf::DimOp>(op)) {
        xf::Dim origin = xf::getOrigin({dim.getInput(), int64_t(dim.getAxis())});
        if (origin.tensor == forward.getResult())
          asked.emplace_back(dim, origin.axis);
      }
    for (auto [dim, axis] : asked) {
      dim.getInputMutable().assign(forward.getLabels());
      dim.setAxis(axis);
    }
  }

  /// The ops after `forward` that `backward` needs; or why it can't stand where `forward` does.
  static std::string collect(Operation *forward, Operation *backward, DenseSet<Operation *> &needed) {
    SmallVector<Operation *> open = {backward};
    while (!open.empty())
      for (Value operand : open.pop_back_val()->getOperands()) {
        Operation *maker = operand.getDefiningOp();
        if (!maker || maker->getBlock() != forward->getBlock() || maker->isBeforeInBlock(forward))
          continue;
        if (maker == forward)
          return "the gradient depends on the log-probabilities";
        if (!isPure(maker) || maker->getNumRegions())
          return ("the gradient is made by '" + maker->getName().getStringRef() + "', which stays where it is").str();
        if (needed.insert(maker).second)
          open.push_back(maker);
      }
    return {};
  }

  void fuse(train::TokenLogpOp forward, train::TokenLogpBackwardOp backward) {
    askLabels(forward);
    DenseSet<Operation *> needed;
    if (std::string reason = collect(forward, backward, needed); !reason.empty())
      return remarkRefused(forward, getArgument(), reason);
    for (Operation &op : llvm::make_early_inc_range(llvm::make_range(forward->getIterator(), backward->getIterator())))
      if (needed.contains(&op))
        op.moveBefore(forward);
    OpBuilder builder(forward);
    auto both = train::TokenLogpBackwardOp::create(builder, backward.getLoc(), forward, backward.getGradient(),
                                                   backward.getWeightGradient(), /*logp=*/true, backward.getSum());
    backward.getHiddenGradient().replaceAllUsesWith(both.getHiddenGradient());
    if (backward.getWeightGradient())
      backward.getWeightGradientResult().replaceAllUsesWith(both.getWeightGradientResult());
    if (backward.getLogp())
      backward.getLogpResult().replaceAllUsesWith(both.getLogpResult());
    forward.getResult().replaceAllUsesWith(both.getLogpResult());
    remarkDone(forward, getArgument(), "its derivatives give it too");
    backward.erase();
    forward.erase();
    ++fused;
  }
};

} // namespace
} // namespace ph
