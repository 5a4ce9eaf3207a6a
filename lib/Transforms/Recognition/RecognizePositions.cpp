#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Recognition/Positions.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZEPOSITIONSPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Whether `value` is [batch, sequence, …] of the tokens.
bool isOfTokens(Value value, Value tokens) {
  return typeOf(value).getRank() >= 2 && xf::areEqual({value, 0}, {tokens, 0}) && xf::areEqual({value, 1}, {tokens, 1});
}

struct RecognizePositions : OpRewritePattern<xf::GatherOp> {
  RecognizePositions(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::GatherOp op, PatternRewriter &rewriter) const override {
    if (op.getAxis() != 0 || typeOf(op.getInput()).getRank() != 2)
      return rewriter.notifyMatchFailure(op, "picks no rows");
    if (op.getIndices().getDefiningOp<xf::PositionsOp>())
      return rewriter.notifyMatchFailure(op, "has positions already");
    Value tokens = getCountedTokens(op.getIndices());
    if (!tokens)
      return rewriter.notifyMatchFailure(op, "the rows are not picked in their order");
    // Rows that are the same for each sequence become those of each: only where they are added to such.
    if (!isOfTokens(op.getIndices(), tokens))
      for (Operation *user : op->getUsers()) {
        auto sum = dyn_cast<xf::ElementwiseOp>(user);
        if (!sum || sum.getKind() != xf::BinaryKind::Add ||
            !isOfTokens(sum.getLhs() == op ? sum.getRhs() : sum.getLhs(), tokens) || typeOf(sum).getRank() != 3)
          return refuse(rewriter, op, pass,
                        "rows that all sequences have are used for more than a sum with tokens' rows");
      }
    Value positions = makePositions(rewriter, op.getLoc(), tokens);
    auto gather = rewriter.replaceOpWithNewOp<xf::GatherOp>(
        op,
        RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic, typeOf(op).getShape().back()},
                              typeOf(op).getElementType()),
        op.getInput(), positions, op.getAxis());
    remarkDone(gather, pass, "rows are picked by the positions of tokens");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

/// Rotations by positions that are spelled out.
struct RecognizeTurns : OpRewritePattern<xf::RopeOp> {
  RecognizeTurns(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::RopeOp op, PatternRewriter &rewriter) const override {
    if (op.getPositions().getDefiningOp<xf::PositionsOp>())
      return rewriter.notifyMatchFailure(op, "has positions already");
    Value tokens = getCountedTokens(op.getPositions());
    if (!tokens)
      return rewriter.notifyMatchFailure(op, "does not count tokens");
    if (!isOfTokens(op.getInput(), tokens))
      return refuse(rewriter, op, pass, "what is rotated is not known to be of the tokens that are counted");
    Value positions = makePositions(rewriter, op.getLoc(), tokens);
    rewriter.modifyOpInPlace(op, [&] { op.getPositionsMutable().assign(positions); });
    remarkDone(op, pass, "it is rotated by the positions of tokens");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizePositionsPass final : impl::RecognizePositionsPassBase<RecognizePositionsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizePositions, RecognizeTurns>(&getContext(), getArgument(), recognized);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
