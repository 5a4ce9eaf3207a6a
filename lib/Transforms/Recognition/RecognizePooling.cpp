#include "lib/Transforms/Recognition/Values.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZEPOOLINGPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

bool isSequences(Type type) { return xf::isPlainActivation(type) && cast<RankedTensorType>(type).getRank() == 3; }

template <class Op>
LogicalResult pool(Op op, xf::Pooling kind, StringRef pass, Pass::Statistic &recognized, PatternRewriter &rewriter) {
  if (!isSequences(op.getInput().getType()))
    return refuse(rewriter, op, pass, "the rows are not those of sequences of static width");
  auto pooled = rewriter.replaceOpWithNewOp<xf::PoolOp>(op, cast<RankedTensorType>(op.getType()), op.getInput(),
                                                        /*valid=*/Value(), kind);
  remarkDone(pooled, pass, "one row for each sequence: " + xf::stringifyPooling(kind));
  ++recognized;
  return success();
}

/// The first or the last row of each sequence.
struct PickedRow : OpRewritePattern<xf::GatherOp> {
  PickedRow(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::GatherOp op, PatternRewriter &rewriter) const override {
    std::optional<double> place = getUniform(op.getIndices());
    if (op.getAxis() != 1 || !place || cast<RankedTensorType>(op.getIndices().getType()).getRank() != 0)
      return rewriter.notifyMatchFailure(op, "picks no row of each sequence");
    if (*place != 0 && *place != -1)
      return refuse(rewriter, op, pass, "the row is neither the first nor the last");
    return pool(op, *place == 0 ? xf::Pooling::Cls : xf::Pooling::Last, pass, recognized, rewriter);
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

/// The mean or the maximum of each sequence's rows.
struct ReducedRows : OpRewritePattern<xf::ReduceOp> {
  ReducedRows(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ReduceOp op, PatternRewriter &rewriter) const override {
    bool mean = op.getKind() == xf::ReduceKind::Mean;
    if (op.getAxes() != ArrayRef<int64_t>{1} || op.getKeepdims() || (!mean && op.getKind() != xf::ReduceKind::Max))
      return rewriter.notifyMatchFailure(op, "is no mean or maximum of rows");
    return pool(op, mean ? xf::Pooling::Mean : xf::Pooling::Max, pass, recognized, rewriter);
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizePoolingPass final : impl::RecognizePoolingPassBase<RecognizePoolingPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<PickedRow, ReducedRows>(&getContext(), getArgument(), recognized);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
