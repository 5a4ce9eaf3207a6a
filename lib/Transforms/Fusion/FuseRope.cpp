#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSEROPEPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

struct FuseIntoAttention : OpRewritePattern<xf::AttentionOp> {
  FuseIntoAttention(MLIRContext *context, StringRef pass, Pass::Statistic &fused)
      : OpRewritePattern(context), pass(pass), fused(fused) {}

  LogicalResult matchAndRewrite(xf::AttentionOp op, PatternRewriter &rewriter) const override {
    auto query = op.getQuery().getDefiningOp<xf::RopeOp>();
    auto keys = op.getKeys() ? op.getKeys().getDefiningOp<xf::RopeOp>() : xf::RopeOp();
    if (!query && !keys)
      return rewriter.notifyMatchFailure(op, "neither query nor keys are rotated by an op");
    if (op.getRope())
      return refuse(rewriter, op, pass, "the attention rotates already");
    if (op.getKeys() && (!query || !keys))
      return refuse(rewriter, op, pass, "only one of query and keys is rotated");
    if (!query->hasOneUse() || (keys && !keys->hasOneUse()))
      return refuse(rewriter, op, pass, "the rotated query or keys are used elsewhere too");
    if (query->getBlock() != op->getBlock() || (keys && keys->getBlock() != op->getBlock()))
      return refuse(rewriter, op, pass, "the rotation is made outside the loop");
    if (xf::getFormat(query.getType()) || (keys && xf::getFormat(keys.getType())))
      return refuse(rewriter, op, pass, "the rotated query or keys are encoded");
    if (query.getHeads() != op.getHeads() || (keys && int64_t(keys.getHeads()) != op.getKeyHeads()))
      return refuse(rewriter, op, pass, "the rotation is of other heads than the attention's");
    if (keys && (keys.getRope() != query.getRope() || keys.getPositions() != query.getPositions()))
      return refuse(rewriter, op, pass, "query and keys are rotated differently");
    rewriter.modifyOpInPlace(op, [&] {
      op.getQueryMutable().assign(query.getInput());
      if (keys)
        op.getKeysMutable().assign(keys.getInput());
      op.getPositionsMutable().assign(query.getPositions());
      op.setRopeAttr(query.getRope());
    });
    fused += keys ? 2 : 1;
    remarkDone(op, pass, keys ? "it rotates query and keys itself" : "it rotates the query itself");
    rewriter.eraseOp(query);
    if (keys)
      rewriter.eraseOp(keys);
    return success();
  }

  StringRef pass;
  Pass::Statistic &fused;
};

struct FuseIntoCache : OpRewritePattern<xf::CacheAppendOp> {
  FuseIntoCache(MLIRContext *context, StringRef pass, Pass::Statistic &fused)
      : OpRewritePattern(context), pass(pass), fused(fused) {}

  LogicalResult matchAndRewrite(xf::CacheAppendOp op, PatternRewriter &rewriter) const override {
    auto rope = op.getKeys().getDefiningOp<xf::RopeOp>();
    if (!rope)
      return rewriter.notifyMatchFailure(op, "the keys aren't rotated by an op");
    if (op.getRope())
      return refuse(rewriter, op, pass, "the keys are rotated here already");
    if (!rope->hasOneUse())
      return refuse(rewriter, op, pass, "the rotated keys are used elsewhere too");
    if (rope->getBlock() != op->getBlock())
      return refuse(rewriter, op, pass, "the rotation is made outside the loop");
    if (xf::getFormat(rope.getType()))
      return refuse(rewriter, op, pass, "the rotated keys are encoded");
    if (int64_t(rope.getHeads()) != op.getCache().getType().getHeads())
      return refuse(rewriter, op, pass, "the rotation is of other heads than the cache's");
    rewriter.modifyOpInPlace(op, [&] {
      op.getKeysMutable().assign(rope.getInput());
      op.getPositionsMutable().assign(rope.getPositions());
      op.setRopeAttr(rope.getRope());
    });
    rewriter.eraseOp(rope);
    remarkDone(op, pass, "keys are rotated as they come into the cache");
    ++fused;
    return success();
  }

  StringRef pass;
  Pass::Statistic &fused;
};

struct FuseRopePass final : impl::FuseRopePassBase<FuseRopePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseIntoAttention, FuseIntoCache>(&getContext(), getArgument(), fused);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
