#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Cleanup/MergedBatches.h"
#include "lib/Transforms/Cleanup/SlicedParts.h"
#include "lib/Transforms/Recognition/Values.h"
#include "powerhouse/Transforms/Cleanup/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_PROPAGATELAYOUTPASS
#include "lib/Transforms/Cleanup/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }
bool movesElements(Operation *op) { return isa_and_nonnull<xf::TransposeOp, xf::ReshapeOp>(op); }

/// f(move(x)) → move(f(x)) for ops of one tensor.
struct SinkThroughOne : RewritePattern {
  SinkThroughOne(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa<xf::UnaryOp, xf::CastOp>(op))
      return rewriter.notifyMatchFailure(op, "is no function of each element");
    Operation *move = op->getOperand(0).getDefiningOp();
    if (!movesElements(move))
      return rewriter.notifyMatchFailure(op, "its operand isn't moved");
    Operation *inner = rewriter.clone(*op);
    Value input = move->getOperand(0);
    inner->setOperand(0, input);
    Type element = typeOf(op->getResult(0)).getElementType();
    inner->getResult(0).setType(RankedTensorType::get(typeOf(input).getShape(), element));
    Operation *outer = rewriter.clone(*move);
    outer->setOperand(0, inner->getResult(0));
    outer->getResult(0).setType(op->getResult(0).getType());
    remarkDone(inner, pass, "it comes before what moved its operand");
    rewriter.replaceOp(op, outer);
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// f(move(x), move(y)) → move(f(x, y)), and f(move(x), c) → move(f(x, c)) for a number, or what has only dimensions
/// that stay.
struct SinkThroughTwo : OpRewritePattern<xf::ElementwiseOp> {
  SinkThroughTwo(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    Value operands[2] = {op.getLhs(), op.getRhs()};
    Operation *moves[2] = {operands[0].getDefiningOp(), operands[1].getDefiningOp()};
    bool moving[2] = {movesElements(moves[0]), movesElements(moves[1])};
    if (!moving[0] && !moving[1])
      return rewriter.notifyMatchFailure(op, "no operand is moved");
    unsigned mover = moving[0] ? 0 : 1;
    Operation *move = moves[mover];
    Value input = move->getOperand(0), other;
    if (moving[0] && moving[1]) {
      if (moves[0]->getName() != moves[1]->getName() ||
          moves[0]->getAttrDictionary() != moves[1]->getAttrDictionary() ||
          !llvm::equal(moves[0]->getOperands().drop_front(), moves[1]->getOperands().drop_front()))
        return refuse(rewriter, op, pass, "the operands are moved differently");
      other = moves[1]->getOperand(0);
      bool same = typeOf(input) == typeOf(other) && operands[0].getType() == operands[1].getType();
      // Elements in the same order may come from shapes that only look the same.
      for (int64_t axis = 0; same && isa<xf::ReshapeOp>(move) && axis < typeOf(input).getRank(); ++axis)
        same = xf::areEqual({input, axis}, {other, axis});
      if (!same)
        return refuse(rewriter, op, pass, "the operands are of different shapes before they are moved");
    } else {
      other = operands[1 - mover];
      if (operands[mover].getType() != op.getType())
        return refuse(rewriter, op, pass, "the operand that is moved is broadcast");
      if (std::optional<double> number = getUniform(other); number && !mayWiden(other, operands[mover]))
        other = withoutShape(rewriter, op.getLoc(), other, *number);
      else if (!staysBeside(move, other))
        return refuse(rewriter, op, pass, "only one operand is moved");
    }
    Value inner = mover == 0 ? xf::ElementwiseOp::create(rewriter, op.getLoc(), op.getKind(), input, other)
                             : xf::ElementwiseOp::create(rewriter, op.getLoc(), op.getKind(), other, input);
    Operation *outer = rewriter.clone(*move);
    outer->setOperand(0, inner);
    outer->getResult(0).setType(op.getType());
    remarkDone(op, pass, "it comes before what moved its operands");
    rewriter.replaceOp(op, outer);
    ++moved;
    return success();
  }

private:
  /// A number is said again without a shape.
  static Value withoutShape(PatternRewriter &rewriter, Location loc, Value value, double number) {
    auto scalar = RankedTensorType::get({}, typeOf(value).getElementType());
    if (typeOf(value) == scalar)
      return value;
    Attribute attribute = scalar.getElementType().isF32()
                              ? Attribute(rewriter.getF32FloatAttr(float(number)))
                              : Attribute(rewriter.getIntegerAttr(scalar.getElementType(), int64_t(number)));
    return arith::ConstantOp::create(rewriter, loc, DenseElementsAttr::get(scalar, attribute));
  }

  /// True if `other`, a vector say, is the same beside the tensor before it is moved: the last dimensions, which it
  /// has, stay where they are.
  static bool staysBeside(Operation *move, Value other) {
    Value from = move->getOperand(0), to = move->getResult(0);
    int64_t rank = typeOf(other).getRank(), fromRank = typeOf(from).getRank(), toRank = typeOf(to).getRank();
    if (rank > std::min(fromRank, toRank))
      return false;
    for (int64_t last = 1; last <= rank; ++last) {
      xf::Dim before = {from, fromRank - last}, after = {to, toRank - last};
      auto transpose = dyn_cast<xf::TransposeOp>(move);
      bool kept = transpose ? transpose.getPermutation()[after.axis] == before.axis : xf::areEqual(before, after);
      bool fits = typeOf(other).getDimSize(rank - last) == 1 || xf::areEqual({other, rank - last}, before);
      if (!kept || !fits)
        return false;
    }
    return true;
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// x · transpose(y) → x ·ᵀ y, where the transpose exchanges rows and columns of the matrices, perhaps beside other
/// dimensions.
struct TransposeOfProduct : OpRewritePattern<xf::MatmulOp> {
  TransposeOfProduct(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::MatmulOp op, PatternRewriter &rewriter) const override {
    auto transpose = op.getRhs().getDefiningOp<xf::TransposeOp>();
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "the right side isn't transposed");
    SmallVector<int64_t> permutation(transpose.getPermutation());
    int64_t &rows = permutation[permutation.size() - 2];
    if (rows < permutation.back())
      return rewriter.notifyMatchFailure(op, "its matrices aren't transposed");
    std::swap(rows, permutation.back());
    Value input = transpose.getInput();
    if (!llvm::is_sorted(permutation))
      input = xf::TransposeOp::create(rewriter, transpose.getLoc(), input, permutation);
    remarkDone(op, pass, "it reads its right side transposed");
    rewriter.replaceOpWithNewOp<xf::MatmulOp>(op, op.getType(), op.getLhs(), input, op.getTransposeA(),
                                              !op.getTransposeB());
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// reshape([..., K] → [rows, K]) · W → reshape([..., N] → [rows, N]) of (x · W): the leading dimensions need no
/// folding.
struct RowsOfProduct : OpRewritePattern<xf::MatmulOp> {
  RowsOfProduct(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::MatmulOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getLhs().getDefiningOp<xf::ReshapeOp>();
    if (!reshape || op.getTransposeA() || typeOf(op.getLhs()).getRank() != 2 || typeOf(op.getRhs()).getRank() != 2)
      return rewriter.notifyMatchFailure(op, "no rows are folded");
    Value input = reshape.getInput();
    int64_t rank = typeOf(input).getRank();
    if (rank < 3 || !xf::areEqual({input, rank - 1}, {op.getLhs(), 1}))
      return refuse(rewriter, op, pass, "the rows are not those of a tensor of more dimensions");
    int64_t columns = typeOf(op.getResult()).getDimSize(1);
    if (ShapedType::isDynamic(columns))
      return refuse(rewriter, op, pass, "the number of columns is not known");
    Value product = xf::MatmulOp::create(rewriter, op.getLoc(), input, op.getRhs(), op.getTransposeB());
    auto folded =
        xf::ReshapeOp::create(rewriter, op.getLoc(), product,
                              {rewriter.getI64IntegerAttr(-1), OpFoldResult(rewriter.getI64IntegerAttr(columns))});
    folded.getResult().setType(op.getType());
    remarkDone(op, pass, "its rows needn't be folded");
    rewriter.replaceOp(op, folded);
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// norm(reshape(x)) → reshape(norm(x)), where the features stay what they were.
template <class Norm> struct SinkThroughNorm : OpRewritePattern<Norm> {
  SinkThroughNorm(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern<Norm>(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(Norm op, PatternRewriter &rewriter) const override {
    auto reshape = op.getInput().template getDefiningOp<xf::ReshapeOp>();
    if (!reshape)
      return rewriter.notifyMatchFailure(op, "its operand isn't moved");
    Value input = reshape.getInput();
    // Rows that are folded come apart again; heads that are made of features are another norm.
    int64_t rank = typeOf(input).getRank();
    if (rank <= typeOf(op.getInput()).getRank() || ShapedType::isDynamic(typeOf(input).getShape().back()) ||
        typeOf(input).getShape().back() != typeOf(op.getInput()).getShape().back())
      return refuse(rewriter, op, pass, "the features are not those of folded rows");
    rewriter.setInsertionPoint(op);
    auto inner = cast<Norm>(rewriter.clone(*op));
    inner.getInputMutable().assign(input);
    inner.getResult().setType(typeOf(input));
    Operation *outer = rewriter.clone(*reshape);
    outer->setOperand(0, inner.getResult());
    remarkDone(inner, pass, "it comes before what moved its operand");
    rewriter.replaceOp(op, outer);
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// A reshape that changes nothing, but whose type forgets a size, before a product: the product knows it.
struct ForgottenSize : OpRewritePattern<xf::MatmulOp> {
  ForgottenSize(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::MatmulOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getLhs().getDefiningOp<xf::ReshapeOp>();
    if (!reshape || typeOf(reshape.getInput()).getRank() != typeOf(op.getLhs()).getRank() ||
        typeOf(reshape.getInput()) == typeOf(op.getLhs()) || typeOf(op.getRhs()).getRank() != 2)
      return rewriter.notifyMatchFailure(op, "no size is forgotten");
    for (int64_t axis = 0; axis + 1 < typeOf(op.getLhs()).getRank(); ++axis)
      if (!xf::areEqual({reshape.getInput(), axis}, {op.getLhs(), axis}))
        return refuse(rewriter, op, pass, "the rows are not known to be what they were before a reshape");
    remarkDone(op, pass, "its rows are what they were before a reshape");
    rewriter.modifyOpInPlace(op, [&] { op.getLhsMutable().assign(reshape.getInput()); });
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

struct PropagateLayoutPass final : impl::PropagateLayoutPassBase<PropagateLayoutPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<SinkThroughOne, SinkThroughTwo, TransposeOfProduct, RowsOfProduct, ForgottenSize,
                 SinkThroughNorm<xf::RmsNormOp>, SinkThroughNorm<xf::LayerNormOp>>(context, getArgument(), moved);
    populateMergedBatches(patterns, getArgument(), moved);
    populateSlicedParts(patterns, getArgument(), moved);
    // Transposes and reshapes that meet cancel as they fold.
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace ph
