#include "lib/Transforms/Cleanup/SlicedParts.h"
#include "dialects/Transformer/Dims.h"
#include "mlir/IR/Matchers.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

Value slice(PatternRewriter &rewriter, Location loc, Value input, int64_t axis, int64_t from, int64_t to) {
  return xf::SliceOp::create(rewriter, loc, input, axis, OpFoldResult(rewriter.getI64IntegerAttr(from)),
                             OpFoldResult(rewriter.getI64IntegerAttr(to)));
}

/// Whether a shape has a dimension of size 0, which an entry of a reshape can't say.
bool isEmpty(Value value) { return llvm::is_contained(typeOf(value).getShape(), 0); }

/// A part of static size, from 0 ≤ from < to.
struct Part {
  int64_t axis, from, to;

  static std::optional<Part> match(xf::SliceOp op) {
    int64_t size = typeOf(op.getInput()).getDimSize(op.getAxis());
    if (!op.getBounds().empty() || op.getStep() != 1 || ShapedType::isDynamic(size) || isEmpty(op.getInput()))
      return std::nullopt;
    auto place = [&](int64_t bound) { return std::clamp<int64_t>(bound < 0 ? bound + size : bound, 0, size); };
    Part part = {int64_t(op.getAxis()), place(op.getStaticBounds()[0]), place(op.getStaticBounds()[1])};
    return part.from < part.to ? std::optional(part) : std::nullopt;
  }
};

/// Rows that are picked by numbers that count on.
struct CountedRows : OpRewritePattern<xf::GatherOp> {
  CountedRows(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::GatherOp op, PatternRewriter &rewriter) const override {
    DenseIntElementsAttr indices;
    int64_t size = typeOf(op.getInput()).getDimSize(op.getAxis());
    ArrayRef<int64_t> shape = typeOf(op.getIndices()).getShape();
    if (shape.empty() || !matchPattern(op.getIndices(), m_Constant(&indices)) || ShapedType::isDynamic(size) ||
        isEmpty(op.getInput()) || llvm::any_of(shape.drop_back(), [](int64_t each) { return each != 1; }))
      return rewriter.notifyMatchFailure(op, "is not picked by constants of one row");
    SmallVector<int64_t> places;
    for (const APInt &each : indices.getValues<APInt>())
      places.push_back(each.getSExtValue() < 0 ? each.getSExtValue() + size : each.getSExtValue());
    if (places.empty() || places.front() < 0 || places.back() >= size)
      return rewriter.notifyMatchFailure(op, "picks nothing, or what isn't there");
    for (auto [i, place] : llvm::enumerate(places))
      if (place != places.front() + int64_t(i))
        return refuse(rewriter, op, pass, "the numbers don't count on");
    Value part = slice(rewriter, op.getLoc(), op.getInput(), op.getAxis(), places.front(), places.back() + 1);
    remarkDone(part.getDefiningOp(), pass, "a slice picks what counts on");
    if (shape.size() > 1) {
      SmallVector<OpFoldResult> entries;
      for (auto [axis, each] : llvm::enumerate(typeOf(op.getResult()).getShape())) {
        bool ofRow = int64_t(axis) >= int64_t(op.getAxis()) && axis < op.getAxis() + shape.size();
        if (!ofRow && ShapedType::isDynamic(each)) {
          int64_t own = axis < op.getAxis() ? axis : axis - shape.size() + 1;
          entries.push_back(xf::DimOp::create(rewriter, op.getLoc(), part, own).getResult());
        } else {
          entries.push_back(rewriter.getI64IntegerAttr(each));
        }
      }
      part = xf::ReshapeOp::create(rewriter, op.getLoc(), part, entries);
    }
    part.setType(cast<RankedTensorType>(op.getType()));
    rewriter.replaceOp(op, part);
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// How many of the leading dimensions a reshape keeps, where it splits only the last one; -1 where it does otherwise.
int64_t keptBeforeSplit(xf::ReshapeOp reshape) {
  Value input = reshape.getInput();
  int64_t rank = typeOf(input).getRank();
  if (rank < 1 || typeOf(reshape.getResult()).getRank() <= rank ||
      ShapedType::isDynamic(typeOf(input).getShape().back()))
    return -1;
  for (int64_t axis = 0; axis < rank - 1; ++axis)
    if (!xf::areEqual({input, axis}, {reshape.getResult(), axis}))
      return -1;
  for (int64_t size : typeOf(reshape.getResult()).getShape().drop_front(rank - 1))
    if (ShapedType::isDynamic(size))
      return -1;
  return rank - 1;
}

/// The slice of the features that `count` parts from `from` on, of those that `reshape` splits them into first, are.
Value sliceFeatures(PatternRewriter &rewriter, xf::ReshapeOp reshape, int64_t axis, int64_t from, int64_t to) {
  ArrayRef<int64_t> shape = typeOf(reshape.getResult()).getShape();
  int64_t stride = 1;
  for (int64_t size : shape.drop_front(axis + 1))
    stride *= size;
  return slice(rewriter, reshape.getLoc(), reshape.getInput(), axis, from * stride, to * stride);
}

/// reshape([…, n · m] → […, n, m]), cut along n → reshape of a slice of the features.
struct SliceOfSplit : OpRewritePattern<xf::SliceOp> {
  SliceOfSplit(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::SliceOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getInput().getDefiningOp<xf::ReshapeOp>();
    std::optional<Part> part = Part::match(op);
    if (!reshape || !part || keptBeforeSplit(reshape) != part->axis)
      return rewriter.notifyMatchFailure(op, "cuts no dimension that features were split into");
    Value features = sliceFeatures(rewriter, reshape, part->axis, part->from, part->to);
    SmallVector<OpFoldResult> shape(part->axis, rewriter.getI64IntegerAttr(0));
    for (int64_t size : typeOf(op.getResult()).getShape().drop_front(part->axis))
      shape.push_back(rewriter.getI64IntegerAttr(size));
    remarkDone(features.getDefiningOp(), pass, "features are cut before they are split");
    auto split = xf::ReshapeOp::create(rewriter, op.getLoc(), features, shape);
    split.getResult().setType(op.getType());
    rewriter.replaceOp(op, split);
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// reshape([…, n · m] → […, n, m]), of which one of n is picked → a slice of m features.
struct PickOfSplit : OpRewritePattern<xf::GatherOp> {
  PickOfSplit(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::GatherOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getInput().getDefiningOp<xf::ReshapeOp>();
    DenseIntElementsAttr index;
    if (!reshape || !matchPattern(op.getIndices(), m_Constant(&index)) || index.getType().getRank() != 0 ||
        isEmpty(op.getInput()))
      return rewriter.notifyMatchFailure(op, "picks nothing of a reshape");
    ArrayRef<int64_t> shape = typeOf(reshape.getResult()).getShape();
    int64_t axis = op.getAxis(), rank = shape.size();
    if (axis != rank - 2 || axis < 1 || ShapedType::isDynamic(shape[axis]) || ShapedType::isDynamic(shape[axis + 1]))
      return rewriter.notifyMatchFailure(op, "picks no features");
    int64_t place = (*index.value_begin<APInt>()).getSExtValue();
    place += place < 0 ? shape[axis] : 0;
    if (place < 0 || place >= shape[axis])
      return rewriter.notifyMatchFailure(op, "picks what isn't there");
    // What is picked is next to each other without this dimension too.
    SmallVector<OpFoldResult> entries = reshape.getMixedShape();
    bool open = llvm::any_of(ArrayRef(reshape.getShape()).drop_front(axis), [](int64_t each) { return each <= 0; });
    if (open)
      return refuse(rewriter, op, pass, "the sizes of the dimensions are left to the reshape");
    entries.pop_back();
    entries.back() = rewriter.getI64IntegerAttr(shape[axis] * shape[axis + 1]);
    auto merged = xf::ReshapeOp::create(rewriter, reshape.getLoc(), reshape.getInput(), entries);
    Value part = slice(rewriter, op.getLoc(), merged, axis, place * shape[axis + 1], (place + 1) * shape[axis + 1]);
    part.setType(cast<RankedTensorType>(op.getType()));
    remarkDone(part.getDefiningOp(), pass, "features are cut before they are split");
    rewriter.replaceOp(op, part);
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// A slice of another dimension than the last one, after a transpose → before it.
struct SliceOfTransposed : OpRewritePattern<xf::SliceOp> {
  SliceOfTransposed(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::SliceOp op, PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<xf::TransposeOp>();
    std::optional<Part> part = Part::match(op);
    if (!transpose || !part || part->axis == typeOf(op.getResult()).getRank() - 1 ||
        !isa_and_nonnull<xf::ReshapeOp>(transpose.getInput().getDefiningOp()))
      return rewriter.notifyMatchFailure(op, "cuts no rows of what was split and moved");
    Value cut = slice(rewriter, op.getLoc(), transpose.getInput(), transpose.getPermutation()[part->axis], part->from,
                      part->to);
    remarkDone(cut.getDefiningOp(), pass, "it is cut before it is moved");
    rewriter.replaceOpWithNewOp<xf::TransposeOp>(op, cut, transpose.getPermutation());
    ++moved;
    return success();
  }

  StringRef pass;
  Pass::Statistic &moved;
};

/// A tensor that was only given leading dimensions of size 1 is broadcast the same without them.
struct LeadingOnes : OpRewritePattern<xf::ElementwiseOp> {
  LeadingOnes(MLIRContext *context, StringRef pass, Pass::Statistic &moved)
      : OpRewritePattern(context), pass(pass), moved(moved) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    for (OpOperand &operand : op->getOpOperands()) {
      auto reshape = operand.get().getDefiningOp<xf::ReshapeOp>();
      if (!reshape || !typeOf(reshape.getInput()).hasStaticShape() || typeOf(reshape.getInput()).getRank() < 1)
        continue;
      ArrayRef<int64_t> from = typeOf(reshape.getInput()).getShape(), to = typeOf(reshape.getResult()).getShape();
      Value other = op->getOperand(1 - operand.getOperandNumber());
      if (to.size() <= from.size() || to.take_back(from.size()) != from ||
          typeOf(other).getRank() < int64_t(to.size()) ||
          llvm::any_of(to.drop_back(from.size()), [](int64_t size) { return size != 1; }))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(reshape.getInput()); });
      remarkDone(op, pass, "it is broadcast without dimensions of size 1");
      ++moved;
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand has leading dimensions of size 1 only");
  }

  StringRef pass;
  Pass::Statistic &moved;
};

} // namespace

void populateSlicedParts(RewritePatternSet &patterns, StringRef pass, Pass::Statistic &moved) {
  patterns.add<CountedRows, SliceOfSplit, PickOfSplit, SliceOfTransposed, LeadingOnes>(patterns.getContext(), pass,
                                                                                       moved);
}

} // namespace ph
