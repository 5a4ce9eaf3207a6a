#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Recognition/Heads.h"
#include "lib/Transforms/Recognition/Values.h"
#include "mlir/IR/Matchers.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"
#include <cmath>

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

/// x of (-x[dim/2 …], x[… dim/2]) along the last dimension; null otherwise.
Value matchRotatedHalf(Value value) {
  auto concat = value.getDefiningOp<xf::ConcatOp>();
  if (!concat || concat.getInputs().size() != 2)
    return {};
  Value high = matchUnary(concat.getInputs()[0], xf::UnaryKind::Neg);
  auto second = high ? high.getDefiningOp<xf::SliceOp>() : xf::SliceOp();
  auto first = concat.getInputs()[1].getDefiningOp<xf::SliceOp>();
  if (!first || !second || first.getInput() != second.getInput() || !first.getBounds().empty() ||
      !second.getBounds().empty() || first.getStep() != 1 || second.getStep() != 1)
    return {};
  int64_t last = typeOf(first.getInput()).getRank() - 1, dim = typeOf(first.getInput()).getShape().back();
  bool halves = int64_t(concat.getAxis()) == last && int64_t(first.getAxis()) == last &&
                int64_t(second.getAxis()) == last && dim % 2 == 0 && first.getStaticBounds()[0] == 0 &&
                first.getStaticBounds()[1] == dim / 2 && second.getStaticBounds()[0] == dim / 2 &&
                second.getStaticBounds()[1] >= dim;
  return halves ? first.getInput() : Value();
}

/// Angles of each position and pair.
struct Angles {
  Value positions;                 ///< numbers, before they are reshaped and converted
  SmallVector<double> frequencies; ///< of each pair
};

/// `pairs` constants, whatever shape they have.
SmallVector<double> matchFrequencies(Value value, int64_t pairs) {
  DenseFPElementsAttr elements;
  value = behind<xf::ReshapeOp, xf::BroadcastOp, xf::TransposeOp>(value);
  if (!matchPattern(value, m_Constant(&elements)) || elements.getNumElements() != pairs)
    return {};
  return llvm::map_to_vector(elements.getValues<APFloat>(), [](const APFloat &x) { return x.convertToDouble(); });
}

/// Twice the products of positions and frequencies, one after the other.
std::optional<Angles> matchAngles(Value value, int64_t pairs) {
  auto twice = value.getDefiningOp<xf::ConcatOp>();
  if (!twice || twice.getInputs().size() != 2 || twice.getInputs()[0] != twice.getInputs()[1] ||
      int64_t(twice.getAxis()) != typeOf(value).getRank() - 1)
    return std::nullopt;
  Operation *product = behind<xf::TransposeOp>(twice.getInputs()[0]).getDefiningOp();
  auto elementwise = dyn_cast_or_null<xf::ElementwiseOp>(product);
  if (!isa_and_nonnull<xf::MatmulOp>(product) && !(elementwise && elementwise.getKind() == xf::BinaryKind::Mul))
    return std::nullopt;
  for (auto [numbers, positions] : {std::pair(0, 1), std::pair(1, 0)}) {
    Angles angles;
    angles.frequencies = matchFrequencies(product->getOperand(numbers), pairs);
    angles.positions = behind<xf::ReshapeOp, xf::TransposeOp, xf::CastOp>(product->getOperand(positions));
    if (!angles.frequencies.empty() && xf::isIntTensor(angles.positions.getType()))
      return angles;
  }
  return std::nullopt;
}

/// The rope whose θ_i these are, base^(-2i/dim) / factor; null if there is none.
xf::RopeAttr findRope(MLIRContext *context, ArrayRef<double> frequencies) {
  int64_t pairs = frequencies.size();
  if (pairs < 2 || frequencies[0] <= 0 || frequencies.back() <= 0 || frequencies.back() >= frequencies[0])
    return {};
  double factor = 1 / frequencies[0];
  double base = std::pow(frequencies[0] / frequencies.back(), double(pairs) / double(pairs - 1));
  auto fits = [&](double candidate) {
    for (auto [pair, frequency] : llvm::enumerate(frequencies))
      if (!isNear(frequency, frequencies[0] * std::pow(candidate, -double(pair) / double(pairs))))
        return false;
    return true;
  };
  // What was rounded to f32 usually comes of a whole number.
  if (fits(std::round(base)))
    base = std::round(base);
  else if (!fits(base))
    return {};
  if (isNear(factor, std::round(factor)))
    factor = std::round(factor);
  return factor == 1
             ? xf::RopeAttr::get(context, 2 * pairs, base)
             : xf::RopeAttr::get(context, 2 * pairs, base, xf::RopeStyle::Half, xf::RopeScaling::Linear, factor);
}

/// x cos(angles) + rotated(x) sin(angles) → xf.rope.
struct RecognizeRope : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeRope(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != xf::BinaryKind::Add)
      return rewriter.notifyMatchFailure(op, "is no sum");
    Value input, sine, cosine;
    for (auto [straight, turned] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      auto a = matchBinary(straight, xf::BinaryKind::Mul), b = matchBinary(turned, xf::BinaryKind::Mul);
      if (!a || !b)
        continue;
      for (auto [half, factor] : {*b, std::pair(b->second, b->first)})
        if (Value of = matchRotatedHalf(half); of && (of == a->first || of == a->second)) {
          input = of;
          sine = factor;
          cosine = of == a->first ? a->second : a->first;
        }
    }
    if (!input)
      return rewriter.notifyMatchFailure(op, "no halves are rotated");
    if (typeOf(input).getRank() != 4 || input.getType() != op.getType() ||
        ShapedType::isDynamic(typeOf(input).getDimSize(1)))
      return refuse(rewriter, op, pass, "what is rotated is not [batch, heads, sequence, head_dim]");
    Value angle = matchUnary(behind<xf::ReshapeOp>(cosine), xf::UnaryKind::Cos);
    if (!angle || matchUnary(behind<xf::ReshapeOp>(sine), xf::UnaryKind::Sin) != angle)
      return refuse(rewriter, op, pass, "it is not multiplied with cosine and sine of the same angles");
    std::optional<Angles> angles = matchAngles(angle, typeOf(input).getDimSize(3) / 2);
    if (!angles)
      return refuse(rewriter, op, pass, "the angles are not positions times constants");
    // [batch or 1, 1, sequence, head_dim]: each head has the angles of its token.
    for (Value factor : {cosine, sine})
      if (typeOf(factor).getRank() != 4 || typeOf(factor).getDimSize(1) != 1)
        return refuse(rewriter, op, pass, "heads are rotated by different angles");
    xf::RopeAttr rope = findRope(rewriter.getContext(), angles->frequencies);
    if (!rope)
      return refuse(rewriter, op, pass, "the angles are no powers of one base");
    // xf.rope wants positions of dynamic batch and sequence.
    int64_t rank = typeOf(angles->positions).getRank();
    if (rank < 1 || rank > 2 || !typeOf(angles->positions).isDynamicDim(rank - 1) ||
        !ShapedType::isDynamic(typeOf(input).getDimSize(0)))
      return refuse(rewriter, op, pass, "the positions are not [batch, sequence]");
    // On the way from the positions to the factors the sequence must have stayed what it was.
    xf::Dim sequence = {angles->positions, rank - 1};
    for (Value factor : {cosine, sine})
      if (!xf::areEqual({factor, 2}, sequence) || !xf::areEqual({angle, typeOf(angle).getRank() - 2}, sequence))
        return refuse(rewriter, op, pass, "the factors are not known to follow the positions of the sequence");
    Location loc = op.getLoc();
    Value batch = xf::DimOp::create(rewriter, loc, input, int64_t(0));
    Value positions = xf::BroadcastOp::create(rewriter, loc, angles->positions,
                                              {OpFoldResult(batch), OpFoldResult(rewriter.getI64IntegerAttr(1))});
    Value folded = foldHeads(rewriter, loc, input);
    int64_t heads = typeOf(input).getDimSize(1);
    Value rotated = xf::RopeOp::create(rewriter, loc, folded.getType(), folded, positions, heads, rope);
    remarkDone(rotated.getDefiningOp(), pass, "halves times cosine and sine of positions times constants");
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
        rope.getHeads() != typeOf(op.getResult()).getDimSize(1) || ShapedType::isDynamic(dim))
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
