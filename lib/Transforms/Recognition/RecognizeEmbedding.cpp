#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZEEMBEDDINGPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

struct RecognizeEmbedding : OpRewritePattern<xf::GatherOp> {
  RecognizeEmbedding(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::GatherOp op, PatternRewriter &rewriter) const override {
    if (op.getAxis() != 0)
      return rewriter.notifyMatchFailure(op, "picks no rows");
    if (!xf::isMatrix(op.getInput().getType()))
      return refuse(rewriter, op, pass, "the table is no matrix of static shape");
    if (!xf::isTokens(op.getIndices().getType()))
      return refuse(rewriter, op, pass, "the rows are not picked by [batch, sequence] tokens");
    auto embedding = rewriter.replaceOpWithNewOp<xf::EmbeddingOp>(op, op.getType(), op.getIndices(), op.getInput(),
                                                                  /*scale=*/FloatAttr(), /*offset=*/IntegerAttr());
    remarkDone(embedding, pass, "tokens pick rows of a table");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizeEmbeddingPass final : impl::RecognizeEmbeddingPassBase<RecognizeEmbeddingPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizeEmbedding>(&getContext(), getArgument(), recognized);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
