#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FOLDEMBEDDINGSCALEPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

struct FoldEmbeddingScalePass final : impl::FoldEmbeddingScalePassBase<FoldEmbeddingScalePass> {
  void runOnOperation() override {
    SmallVector<xf::ScaleOp> scales;
    getOperation()->walk([&](xf::ScaleOp op) { scales.push_back(op); });
    for (xf::ScaleOp op : scales)
      if (std::string reason = fold(op); !reason.empty())
        remarkRefused(op, getArgument(), reason);
  }

private:
  /// Why nothing was done though a table or logits are beside the scale; empty if it was, or if neither is.
  std::string fold(xf::ScaleOp op) {
    std::string reason;
    Operation *before = op.getInput().getDefiningOp();
    if (isa_and_nonnull<xf::EmbeddingOp, xf::LogitsOp>(before)) {
      reason = refusalBefore(op, before);
      if (reason.empty())
        return take(op, before, before);
    }
    for (Operation *after : op->getUsers())
      if (isa<xf::LogitsOp, xf::LogitsArgmaxOp, xf::LogitsSampleOp>(after)) {
        reason = refusalAfter(op, after);
        if (reason.empty())
          return take(op, after, nullptr);
      }
    return reason;
  }

  /// Why `before`, whose result `op` scales, can't do it.
  static std::string refusalBefore(xf::ScaleOp op, Operation *before) {
    if (!before->hasOneUse())
      return "what is scaled is used elsewhere too";
    if (before->getBlock() != op->getBlock())
      return "what is scaled is made outside the loop";
    if (auto logits = dyn_cast<xf::LogitsOp>(before); logits && logits.getSoftCap())
      return "the scores are capped before they are scaled";
    return xf::getFormat(before->getResult(0).getType()) ? "what is scaled is encoded before" : "";
  }

  /// Why the scores `after`, of which `op` makes the input, can't do it.
  static std::string refusalAfter(xf::ScaleOp op, Operation *after) {
    if (!op->hasOneUse())
      return "what was scaled is used elsewhere too";
    if (after->getBlock() != op->getBlock())
      return "the scores are made in a loop, the scaled input outside it";
    return xf::getFormat(op.getType()) ? "what was scaled is encoded" : "";
  }

  /// Makes the factor part of the scale that `into` has. If `op` scales its result, that is `made`.
  std::string take(xf::ScaleOp op, Operation *into, Operation *made) {
    double factor = op.getFactor().convertToDouble();
    if (auto scale = into->getAttrOfType<FloatAttr>("scale"))
      factor *= scale.getValueAsDouble();
    into->setAttr("scale", Builder(&getContext()).getF64FloatAttr(factor));
    if (made)
      made->getResult(0).setType(op.getType());
    remarkDone(into, getArgument(), "the factor is part of its scale");
    op.replaceAllUsesWith(op.getInput());
    op.erase();
    ++folded;
    return "";
  }
};

} // namespace
} // namespace ph
