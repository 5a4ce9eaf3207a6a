#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Recognition/Loops.h"
#include "lib/Transforms/Recognition/Positions.h"
#include "lib/Transforms/Recognition/Values.h"
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
    int64_t first = 0;
    Value tokens = getCountedTokens(op.getIndices(), &first);
    if (!tokens || first < 0)
      return rewriter.notifyMatchFailure(op, "the rows are not picked in their order");
    if (first != 0 && !xf::isMatrix(op.getInput().getType()))
      return refuse(rewriter, op, pass, "the table is no matrix of static shape");
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
    auto type = RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic, typeOf(op).getShape().back()},
                                      typeOf(op).getElementType());
    Operation *picked;
    if (first == 0)
      picked = rewriter.replaceOpWithNewOp<xf::GatherOp>(op, type, op.getInput(), positions, op.getAxis());
    else
      picked = rewriter.replaceOpWithNewOp<xf::EmbeddingOp>(op, type, positions, op.getInput(), /*scale=*/FloatAttr(),
                                                            rewriter.getI64IntegerAttr(first));
    remarkDone(picked, pass, "rows are picked by the positions of tokens");
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

/// A running sum of what is 0 or 1, where it is 1 → xf.masked_positions.
struct RecognizeMaskedPositions : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeMaskedPositions(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() == xf::BinaryKind::Add)
      return addOffset(op, rewriter);
    if (op.getKind() != xf::BinaryKind::Mul)
      return rewriter.notifyMatchFailure(op, "is no product");
    for (auto [sum, mask] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      Value summed = matchRunningSum(sum);
      if (!summed)
        continue;
      auto truth = mask.getDefiningOp<xf::CastOp>();
      if (summed != mask || !xf::isTokens(mask.getType()) || !truth ||
          !typeOf(truth.getInput()).getElementType().isInteger(1))
        return refuse(rewriter, op, pass, "what is summed up is not the mask of 0 and 1 that is multiplied with");
      auto numbered = rewriter.replaceOpWithNewOp<xf::MaskedPositionsOp>(op, typeOf(mask), mask, IntegerAttr());
      remarkDone(numbered, pass, "a running sum of a mask, where the mask is");
      ++recognized;
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no running sum is multiplied");
  }

private:
  LogicalResult addOffset(xf::ElementwiseOp op, PatternRewriter &rewriter) const {
    for (auto [numbers, number] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      auto numbered = numbers.getDefiningOp<xf::MaskedPositionsOp>();
      std::optional<double> offset = getUniform(number);
      if (!numbered || !offset || *offset < 0 || mayWiden(number, numbers))
        continue;
      rewriter.setInsertionPoint(op);
      auto both = cast<xf::MaskedPositionsOp>(rewriter.clone(*numbered));
      both.setOffsetAttr(rewriter.getI64IntegerAttr(numbered.getOffset().value_or(0) + int64_t(*offset)));
      remarkDone(both, pass, "a number that is added is its offset");
      rewriter.replaceOp(op, both);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "nothing is added to numbers of tokens");
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizePositionsPass final : impl::RecognizePositionsPassBase<RecognizePositionsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizePositions, RecognizeTurns, RecognizeMaskedPositions>(&getContext(), getArgument(),
                                                                               recognized);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
