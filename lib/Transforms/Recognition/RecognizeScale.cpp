#include "lib/Transforms/Recognition/Numbers.h"
#include "lib/Transforms/Recognition/Values.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"
#include <cmath>

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZESCALEPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

/// x · c, c · x, x / c → xf.scale.
struct RecognizeScale : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeScale(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    std::optional<Multiple> multiple = matchMultiple(op);
    if (!multiple || !std::isfinite(multiple->factor))
      return rewriter.notifyMatchFailure(op, "is no multiple");
    auto type = cast<RankedTensorType>(op.getType());
    if (!type.getElementType().isF32() || type.getRank() < 2 || !xf::isPlainActivation(type))
      return refuse(rewriter, op, pass, "what is scaled has no static last dimension");
    // A divisor is what was written.
    bool divided = op.getKind() == xf::BinaryKind::Div;
    double factor = divided ? 1 / usualNumber(1 / multiple->factor) : usualNumber(multiple->factor);
    auto scale = rewriter.replaceOpWithNewOp<xf::ScaleOp>(op, type, multiple->of, rewriter.getF64FloatAttr(factor));
    remarkDone(scale, pass, "one number times an activation");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizeScalePass final : impl::RecognizeScalePassBase<RecognizeScalePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizeScale>(&getContext(), getArgument(), recognized);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
