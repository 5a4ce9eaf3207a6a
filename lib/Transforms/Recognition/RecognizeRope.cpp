#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Recognition/Heads.h"
#include "lib/Transforms/Recognition/RopeFrequencies.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZEROPEPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// `value` before ops that only move, repeat or convert elements.
template <class... Ops> Value behind(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<Ops...>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// x cos(angles) + rotated(x) sin(angles) → xf.rope.
struct RecognizeRope : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeRope(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    std::string reason;
    std::optional<SpelledRope> found = matchRope(op, reason);
    if (!found)
      return reason.empty() ? rewriter.notifyMatchFailure(op, "nothing is rotated")
                            : refuse(rewriter, op, pass, reason);
    Value input = found->input;
    if (typeOf(input).getRank() != 4 || input.getType() != op.getType() ||
        ShapedType::isDynamic(typeOf(input).getDimSize(1)))
      return refuse(rewriter, op, pass, "what is rotated is not [batch, heads, sequence, head_dim]");
    // [batch or 1, 1, sequence, head_dim]: each head has the angles of its token.
    for (Value factor : {found->cosine, found->sine})
      if (typeOf(factor).getRank() != 4 || typeOf(factor).getDimSize(1) != 1)
        return refuse(rewriter, op, pass, "heads are rotated by different angles");
    xf::RopeAttr rope = findRope(rewriter.getContext(), *found);
    if (!rope)
      return refuse(rewriter, op, pass, "the angles are no powers of one base, nor a usual scaling of them");
    // xf.rope wants positions of dynamic batch and sequence.
    int64_t rank = typeOf(found->positions).getRank();
    if (rank < 1 || rank > 2 || !typeOf(found->positions).isDynamicDim(rank - 1) ||
        !ShapedType::isDynamic(typeOf(input).getDimSize(0)))
      return refuse(rewriter, op, pass, "the positions are not [batch, sequence]");
    // On the way from the positions to the factors the sequence must have stayed what it was.
    xf::Dim sequence = {found->positions, rank - 1};
    for (Value factor : {found->cosine, found->sine})
      if (!xf::areEqual({factor, 2}, sequence) ||
          !xf::areEqual({found->angles, typeOf(found->angles).getRank() - 2}, sequence))
        return refuse(rewriter, op, pass, "the factors are not known to follow the positions of the sequence");
    Location loc = op.getLoc();
    Value batch = xf::DimOp::create(rewriter, loc, input, int64_t(0));
    Value positions = xf::BroadcastOp::create(rewriter, loc, found->positions,
                                              {OpFoldResult(batch), OpFoldResult(rewriter.getI64IntegerAttr(1))});
    Value folded = foldHeads(rewriter, loc, input);
    int64_t heads = typeOf(input).getDimSize(1);
    Value rotated = xf::RopeOp::create(rewriter, loc, folded.getType(), folded, positions, heads, rope);
    remarkDone(rotated.getDefiningOp(), pass, "pairs times cosine and sine of positions times constants");
    rewriter.replaceOp(op, unfoldHeads(rewriter, loc, rotated, heads));
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

/// The first features of each head rotated beside the others as they are → a rotation of heads by a smaller dim.
struct RecognizePartialRope : OpRewritePattern<xf::ConcatOp> {
  RecognizePartialRope(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ConcatOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || op.getAxis() != 3 || typeOf(op.getResult()).getRank() != 4)
      return rewriter.notifyMatchFailure(op, "joins no parts of heads");
    auto rest = op.getInputs()[1].getDefiningOp<xf::SliceOp>();
    auto rope = behindHeads(op.getInputs()[0]).getDefiningOp<xf::RopeOp>();
    auto first = rope ? behindHeads(rope.getInput()).getDefiningOp<xf::SliceOp>() : xf::SliceOp();
    if (!rest || !first || rest.getInput() != first.getInput() || rest.getInput().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "no first part of heads is rotated");
    int64_t dim = typeOf(op.getResult()).getDimSize(3), rotated = typeOf(first.getResult()).getDimSize(3);
    for (xf::SliceOp part : {first, rest})
      if (part.getAxis() != 3 || part.getStep() != 1 || !part.getBounds().empty())
        return rewriter.notifyMatchFailure(op, "the parts are not cut of features");
    if (first.getStaticBounds()[0] != 0 || rest.getStaticBounds()[0] != rotated || rest.getStaticBounds()[1] < dim ||
        int64_t(rope.getHeads()) != typeOf(op.getResult()).getDimSize(1) || ShapedType::isDynamic(dim))
      return refuse(rewriter, op, pass, "the parts are not the first features of each head and those that are left");
    Location loc = op.getLoc();
    Value folded = foldHeads(rewriter, loc, first.getInput());
    Value whole = xf::RopeOp::create(rewriter, loc, folded.getType(), folded, rope.getPositions(), rope.getHeads(),
                                     rope.getRope());
    remarkDone(whole.getDefiningOp(), pass, "the first features of each head are rotated");
    rewriter.replaceOp(op, unfoldHeads(rewriter, loc, whole, rope.getHeads()));
    ++recognized;
    return success();
  }

private:
  /// What heads are folded or unfolded of.
  static Value behindHeads(Value value) { return behind<xf::ReshapeOp, xf::TransposeOp>(value); }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizeRopePass final : impl::RecognizeRopePassBase<RecognizeRopePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizeRope, RecognizePartialRope>(&getContext(), getArgument(), recognized);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace ph
