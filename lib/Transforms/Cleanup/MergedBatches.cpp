#include "lib/Transforms/Cleanup/MergedBatches.h"
#include "dialects/Transformer/Dims.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {

namespace {

constexpr StringLiteral kApart = "batches needn't be merged for it";

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The tensor of more dimensions whose leading ones were merged into the first of three; null if `value` isn't that.
Value withoutMerge(Value value) {
  auto reshape = value.getDefiningOp<xf::ReshapeOp>();
  if (!reshape || typeOf(value).getRank() != 3)
    return {};
  Value input = reshape.getInput();
  int64_t rank = typeOf(input).getRank();
  bool matrices =
      rank > 3 && xf::areEqual({value, 1}, {input, rank - 2}) && xf::areEqual({value, 2}, {input, rank - 1});
  return matrices ? input : Value();
}

/// Merges the leading dimensions of `value`, as a value of type `type`.
Value merge(PatternRewriter &rewriter, Location loc, Value value, Type type) {
  SmallVector<OpFoldResult> shape = {rewriter.getI64IntegerAttr(-1)};
  int64_t rank = typeOf(value).getRank();
  for (int64_t axis : {rank - 2, rank - 1}) {
    int64_t size = typeOf(value).getDimSize(axis);
    shape.push_back(ShapedType::isDynamic(size)
                        ? OpFoldResult(xf::DimOp::create(rewriter, loc, value, axis).getResult())
                        : OpFoldResult(rewriter.getI64IntegerAttr(size)));
  }
  auto merged = xf::ReshapeOp::create(rewriter, loc, value, shape);
  merged.getResult().setType(cast<RankedTensorType>(type));
  return merged;
}

struct MergedProduct : OpRewritePattern<xf::MatmulOp> {
  MergedProduct(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::MatmulOp op, PatternRewriter &rewriter) const override {
    Value lhs = withoutMerge(op.getLhs()), rhs = withoutMerge(op.getRhs());
    if (!lhs || !rhs || typeOf(lhs).getRank() != typeOf(rhs).getRank())
      return rewriter.notifyMatchFailure(op, "no batches of both sides are merged");
    for (int64_t axis = 0; axis < typeOf(lhs).getRank() - 2; ++axis)
      if (!xf::areEqual({lhs, axis}, {rhs, axis}))
        return refuse(rewriter, op, pass, "the merged batches of both sides are not known to be the same");
    Value product = xf::MatmulOp::create(rewriter, op.getLoc(), lhs, rhs, op.getTransposeB(), op.getTransposeA());
    remarkDone(op, pass, kApart);
    rewriter.replaceOp(op, merge(rewriter, op.getLoc(), product, op.getType()));
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

struct MergedTranspose : OpRewritePattern<xf::TransposeOp> {
  MergedTranspose(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::TransposeOp op, PatternRewriter &rewriter) const override {
    Value input = withoutMerge(op.getInput());
    if (!input || op.getPermutation() != ArrayRef<int64_t>{0, 2, 1})
      return rewriter.notifyMatchFailure(op, "no matrices of merged batches are transposed");
    SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, typeOf(input).getRank()));
    std::swap(permutation.back(), permutation[permutation.size() - 2]);
    Value transposed = xf::TransposeOp::create(rewriter, op.getLoc(), input, permutation);
    remarkDone(op, pass, kApart);
    rewriter.replaceOp(op, merge(rewriter, op.getLoc(), transposed, op.getType()));
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

struct MergedSoftmax : OpRewritePattern<xf::SoftmaxOp> {
  MergedSoftmax(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::SoftmaxOp op, PatternRewriter &rewriter) const override {
    Value input = withoutMerge(op.getInput());
    if (!input || op.getAxis() == 0)
      return rewriter.notifyMatchFailure(op, "no batches are merged, or the softmax is along them");
    int64_t axis = int64_t(op.getAxis()) + typeOf(input).getRank() - 3;
    Value softmax = xf::SoftmaxOp::create(rewriter, op.getLoc(), input, axis);
    remarkDone(op, pass, kApart);
    rewriter.replaceOp(op, merge(rewriter, op.getLoc(), softmax, op.getType()));
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

} // namespace

void populateMergedBatches(RewritePatternSet &patterns, StringRef pass, Pass::Statistic &moved) {
  patterns.add<MergedProduct, MergedTranspose, MergedSoftmax>(patterns.getContext(), pass, moved);
}

} // namespace ph
