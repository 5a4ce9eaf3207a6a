#include "lib/Transforms/Cleanup/MergedBatches.h"
#include "dialects/Transformer/Dims.h"
#include "mlir/IR/Matchers.h"
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

/// Whether `value` was merged of a tensor of as many dimensions as `other` has: then both are apart in the same way.
bool isMergedLike(Value value, Value other) {
  Value apart = withoutMerge(value);
  return apart && typeOf(apart).getRank() == typeOf(other).getRank();
}

/// Whether the first dimension of `value`, as a reshape states it, is as large as the first two of `apart` together.
bool isOfAll(Value value, Value apart) {
  auto reshape = value.getDefiningOp<xf::ReshapeOp>();
  auto entry = reshape ? dyn_cast<Value>(reshape.getMixedShape()[0]) : Value();
  auto product = entry ? entry.getDefiningOp<arith::MulIOp>() : arith::MulIOp();
  auto batches = product ? product.getLhs().getDefiningOp<xf::DimOp>() : xf::DimOp();
  APInt heads;
  return batches && matchPattern(product.getRhs(), m_ConstantInt(&heads)) &&
         heads.getSExtValue() == typeOf(apart).getDimSize(1) &&
         xf::areEqual({batches.getInput(), int64_t(batches.getAxis())}, {apart, 0});
}

/// What is added to scores of merged batches is added to those of batches that are apart.
struct MergedSum : OpRewritePattern<xf::ElementwiseOp> {
  MergedSum(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    for (auto [left, other] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      Value apart = withoutMerge(left);
      if (!apart || left.getType() != op.getType() || op.getKind() != xf::BinaryKind::Add ||
          typeOf(apart).getRank() != 4 || typeOf(other).getRank() != 3 || isMergedLike(other, apart))
        continue;
      // A row for each batch, of one size or of as many as there are.
      bool split = typeOf(other).getDimSize(0) == 1;
      if (!split && !isOfAll(other, apart))
        return refuse(rewriter, op, pass, "what is added is not known to be of as many batches");
      for (int64_t axis : {1, 2})
        if (typeOf(other).getDimSize(axis) != 1 && !xf::areEqual({other, axis}, {left, axis}))
          return refuse(rewriter, op, pass, "what is added is not known to have as many rows and columns");
      SmallVector<OpFoldResult> shape;
      for (int64_t axis : {0, 1}) {
        int64_t size = typeOf(apart).getDimSize(axis);
        shape.push_back(split ? OpFoldResult(rewriter.getI64IntegerAttr(1))
                        : ShapedType::isDynamic(size)
                            ? OpFoldResult(xf::DimOp::create(rewriter, op.getLoc(), apart, axis).getResult())
                            : OpFoldResult(rewriter.getI64IntegerAttr(size)));
      }
      for (int64_t axis : {1, 2}) {
        int64_t size = typeOf(other).getDimSize(axis);
        shape.push_back(ShapedType::isDynamic(size)
                            ? OpFoldResult(xf::DimOp::create(rewriter, op.getLoc(), apart, axis + 1).getResult())
                            : OpFoldResult(rewriter.getI64IntegerAttr(size)));
      }
      Value added = xf::ReshapeOp::create(rewriter, op.getLoc(), other, shape);
      Value sum = xf::ElementwiseOp::create(rewriter, op.getLoc(), op.getKind(), apart, added);
      remarkDone(op, pass, kApart);
      rewriter.replaceOp(op, merge(rewriter, op.getLoc(), sum, op.getType()));
      ++moved;
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no batches are merged");
  }

  StringRef pass;
  Pass::Statistic &moved;
};

} // namespace

void populateMergedBatches(RewritePatternSet &patterns, StringRef pass, Pass::Statistic &moved) {
  patterns.add<MergedProduct, MergedTranspose, MergedSoftmax, MergedSum>(patterns.getContext(), pass, moved);
}

} // namespace ph
