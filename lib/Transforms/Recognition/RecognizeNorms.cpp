#include "dialects/Transformer/Decimal.h"
#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Recognition/Values.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZENORMSPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

/// What is squared, x · x or x²; null otherwise. Where squares are reshaped or transposed, what is moved alike.
Value matchSquare(Value value) {
  if (auto transpose = value.getDefiningOp<xf::TransposeOp>()) {
    Value of = matchSquare(transpose.getInput());
    if (!of)
      return {};
    for (Operation *user : of.getUsers())
      if (auto alike = dyn_cast<xf::TransposeOp>(user);
          alike && alike.getInput() == of && alike.getPermutation() == transpose.getPermutation())
        return alike;
    return {};
  }
  if (auto reshape = value.getDefiningOp<xf::ReshapeOp>()) {
    Value of = matchSquare(reshape.getInput());
    if (!of)
      return {};
    for (Operation *user : of.getUsers())
      if (auto alike = dyn_cast<xf::ReshapeOp>(user); alike && alike.getInput() == of &&
                                                      alike.getType() == reshape.getType() &&
                                                      alike->getAttrDictionary() == reshape->getAttrDictionary() &&
                                                      llvm::equal(alike.getSizes(), reshape.getSizes()))
        return alike;
    return {};
  }
  if (Value base = matchWithNumber(value, xf::BinaryKind::Pow, 2))
    return base;
  auto product = matchBinary(value, xf::BinaryKind::Mul);
  return product && product->first == product->second ? product->first : Value();
}

/// The tensor whose mean along the last dimension, kept as 1, `value` is; null otherwise.
Value matchMean(Value value) {
  auto reduce = value.getDefiningOp<xf::ReduceOp>();
  if (!reduce || reduce.getKind() != xf::ReduceKind::Mean || !reduce.getKeepdims() || reduce.getAxes().size() != 1)
    return {};
  int64_t last = cast<RankedTensorType>(reduce.getInput().getType()).getRank() - 1;
  return reduce.getAxes().front() == last ? reduce.getInput() : Value();
}

/// x of mean(x²) + eps.
Value matchMeanSquare(Value value, double &eps) {
  auto sum = matchBinary(value, xf::BinaryKind::Add);
  if (!sum)
    return {};
  for (auto [mean, number] : {std::pair(sum->first, sum->second), std::pair(sum->second, sum->first)}) {
    Value squared = matchMean(mean);
    std::optional<double> uniform = getUniform(number);
    if (!squared || !uniform || *uniform < 0 || mayWiden(number, mean))
      continue;
    // A constant of the graph is an f32; what it was written as is decimal.
    eps = xf::decimalOf(float(*uniform));
    return matchSquare(squared);
  }
  return {};
}

/// x of 1 / √(mean(x²) + eps), however the root is written.
Value matchInverseRoot(Value value, double &eps) {
  if (Value inside = matchUnary(value, xf::UnaryKind::Rsqrt))
    return matchMeanSquare(inside, eps);
  Value root = matchUnary(value, xf::UnaryKind::Reciprocal);
  if (auto quotient = matchBinary(value, xf::BinaryKind::Div); quotient && getUniform(quotient->first) == 1)
    root = quotient->second;
  Value inside = root ? matchUnary(root, xf::UnaryKind::Sqrt) : Value();
  return inside ? matchMeanSquare(inside, eps) : Value();
}

/// x / √(mean(x²) + eps) → xf.rms_norm; where x is y - mean(y), xf.layer_norm of y.
struct RecognizeCore : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeCore(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    double eps = 0;
    Value input;
    if (op.getKind() == xf::BinaryKind::Mul) {
      for (auto [x, root] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())})
        if (Value of = matchInverseRoot(root, eps)) {
          if (of != x)
            return refuse(rewriter, op, pass, "it is not multiplied with the root of its own mean square");
          input = x;
        }
    } else if (op.getKind() == xf::BinaryKind::Div) {
      Value inside = matchUnary(op.getRhs(), xf::UnaryKind::Sqrt);
      Value of = inside ? matchMeanSquare(inside, eps) : Value();
      if (of && of != op.getLhs())
        return refuse(rewriter, op, pass, "it is not divided by the root of its own mean square");
      input = of;
    }
    if (!input)
      return rewriter.notifyMatchFailure(op, "is no norm");
    if (!xf::isPlainActivation(input.getType()) || input.getType() != op.getType())
      return refuse(rewriter, op, pass, "it is a norm of what is no activation with a static last dimension");
    auto centred = matchBinary(input, xf::BinaryKind::Sub);
    FloatAttr epsilon = rewriter.getF64FloatAttr(eps);
    Operation *norm;
    if (centred && matchMean(centred->second) == centred->first)
      norm = rewriter.replaceOpWithNewOp<xf::LayerNormOp>(op, op.getType(), centred->first, /*weight=*/Value(),
                                                          /*bias=*/Value(), epsilon, FloatAttr(), IntegerAttr());
    else
      norm = rewriter.replaceOpWithNewOp<xf::RmsNormOp>(op, op.getType(), input, /*weight=*/Value(), epsilon,
                                                        FloatAttr(), IntegerAttr());
    remarkDone(norm, pass, "what primitives spell out");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

/// A norm without a weight, times a vector: the weight. A vector that is w + 1 is w with an offset.
template <class Norm> struct AddWeight : OpRewritePattern<xf::ElementwiseOp> {
  AddWeight(MLIRContext *context, StringRef pass) : OpRewritePattern<xf::ElementwiseOp>(context), pass(pass) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != xf::BinaryKind::Mul)
      return rewriter.notifyMatchFailure(op, "is no product");
    for (auto [normed, weight] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      auto norm = normed.template getDefiningOp<Norm>();
      if (!norm || norm.getWeight() || hasBias(norm) || op.getType() != normed.getType())
        continue;
      if (!xf::isVector(weight.getType()) ||
          cast<RankedTensorType>(weight.getType()).getDimSize(0) != norm.getType().getShape().back())
        continue;
      if (!llvm::all_of(norm->getUsers(), [&](Operation *user) { return isMultiplied(user, norm); }))
        return refuse(rewriter, op, pass, "the norm is used without its weight too");
      Value plain = matchWithNumber(weight, xf::BinaryKind::Add, 1);
      bool offset = plain && plain.getType() == weight.getType();
      rewriter.setInsertionPoint(op);
      auto weighted = cast<Norm>(rewriter.clone(*norm));
      weighted.getWeightMutable().assign(offset ? plain : weight);
      if (offset)
        weighted.setOffsetAttr(rewriter.getF64FloatAttr(1));
      remarkDone(weighted, pass, offset ? "a vector of 1 + w is its weight" : "a vector is its weight");
      rewriter.replaceOp(op, weighted);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no norm is multiplied with a vector");
  }

private:
  /// Whether `user` multiplies the norm with a vector: two norms of one tensor are computed once before their weights.
  static bool isMultiplied(Operation *user, Norm norm) {
    auto product = dyn_cast<xf::ElementwiseOp>(user);
    if (!product || product.getKind() != xf::BinaryKind::Mul || product.getType() != norm.getType())
      return false;
    Value other = product.getLhs() == norm.getResult() ? product.getRhs() : product.getLhs();
    return xf::isVector(other.getType()) &&
           cast<RankedTensorType>(other.getType()).getDimSize(0) == norm.getType().getShape().back();
  }

  static bool hasBias(xf::LayerNormOp norm) { return bool(norm.getBias()); }
  static bool hasBias(xf::RmsNormOp) { return false; }

  StringRef pass;
};

/// xf.layer_norm without a bias, plus a vector: the bias.
struct AddBias : OpRewritePattern<xf::ElementwiseOp> {
  AddBias(MLIRContext *context, StringRef pass) : OpRewritePattern(context), pass(pass) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != xf::BinaryKind::Add)
      return rewriter.notifyMatchFailure(op, "is no sum");
    for (auto [normed, bias] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      auto norm = normed.getDefiningOp<xf::LayerNormOp>();
      if (!norm || norm.getBias() || op.getType() != normed.getType() || !xf::isVector(bias.getType()) ||
          cast<RankedTensorType>(bias.getType()).getDimSize(0) != norm.getType().getShape().back())
        continue;
      if (!norm->hasOneUse())
        return refuse(rewriter, op, pass, "the norm is used without its bias too");
      rewriter.setInsertionPoint(op);
      auto biased = cast<xf::LayerNormOp>(rewriter.clone(*norm));
      biased.getBiasMutable().assign(bias);
      remarkDone(biased, pass, "a vector is its bias");
      rewriter.replaceOp(op, biased);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no norm is added to a vector");
  }

  StringRef pass;
};

/// A bias of zeros is none.
struct ZeroBias : OpRewritePattern<xf::LayerNormOp> {
  ZeroBias(MLIRContext *context, StringRef pass) : OpRewritePattern(context), pass(pass) {}

  LogicalResult matchAndRewrite(xf::LayerNormOp op, PatternRewriter &rewriter) const override {
    if (!op.getBias() || getUniform(op.getBias()) != 0.0)
      return rewriter.notifyMatchFailure(op, "has no bias of zeros");
    rewriter.modifyOpInPlace(op, [&] { op.getBiasMutable().clear(); });
    remarkDone(op, pass, "its bias is zeros");
    return success();
  }

  StringRef pass;
};

/// [batch, sequence, features] as heads, normed, and back → a norm of heads.
template <class Norm> struct NormOfHeads : OpRewritePattern<xf::ReshapeOp> {
  NormOfHeads(MLIRContext *context, StringRef pass) : OpRewritePattern<xf::ReshapeOp>(context), pass(pass) {}

  LogicalResult matchAndRewrite(xf::ReshapeOp op, PatternRewriter &rewriter) const override {
    auto norm = op.getInput().getDefiningOp<Norm>();
    auto heads = norm ? norm.getInput().template getDefiningOp<xf::ReshapeOp>() : xf::ReshapeOp();
    if (!heads || norm.getHeads().value_or(1) != 1)
      return rewriter.notifyMatchFailure(op, "no norm of heads is merged");
    Value input = heads.getInput();
    auto shape = cast<RankedTensorType>(norm.getType()).getShape();
    if (input.getType() != op.getType() || !xf::isPlainActivation(input.getType()) || shape.size() != 4 ||
        ShapedType::isDynamic(shape[2]) || cast<RankedTensorType>(input.getType()).getRank() != 3)
      return rewriter.notifyMatchFailure(op, "the heads are not those of features");
    for (int64_t axis : {0, 1})
      if (!xf::areEqual({input, axis}, {norm.getResult(), axis}) ||
          !xf::areEqual({input, axis}, {op.getResult(), axis}))
        return refuse(rewriter, op, pass, "the heads are not known to be those of the same tokens");
    rewriter.setInsertionPoint(op);
    auto whole = cast<Norm>(rewriter.clone(*norm));
    whole.getInputMutable().assign(input);
    whole.setHeadsAttr(rewriter.getI64IntegerAttr(shape[2]));
    whole.getResult().setType(op.getType());
    remarkDone(whole, pass, "a norm of " + Twine(shape[2]) + " heads");
    rewriter.replaceOp(op, whole);
    return success();
  }

  StringRef pass;
};

/// A norm of features that were moved before their rows, moved back after it → the norm where they were.
template <class Norm> struct NormOfMoved : OpRewritePattern<xf::TransposeOp> {
  NormOfMoved(MLIRContext *context, StringRef pass) : OpRewritePattern<xf::TransposeOp>(context), pass(pass) {}

  LogicalResult matchAndRewrite(xf::TransposeOp op, PatternRewriter &rewriter) const override {
    auto norm = op.getInput().getDefiningOp<Norm>();
    auto inner = norm ? norm.getInput().template getDefiningOp<xf::TransposeOp>() : xf::TransposeOp();
    if (!inner || op.getType() != inner.getInput().getType())
      return rewriter.notifyMatchFailure(op, "no norm is moved back");
    ArrayRef<int64_t> to = inner.getPermutation(), back = op.getPermutation();
    for (auto [axis, from] : llvm::enumerate(back))
      if (to[from] != int64_t(axis))
        return rewriter.notifyMatchFailure(op, "it is not moved where it was");
    if (back.back() != int64_t(back.size()) - 1)
      return refuse(rewriter, op, pass, "the norm is along a dimension that is moved");
    rewriter.setInsertionPoint(op);
    auto moved = cast<Norm>(rewriter.clone(*norm));
    moved.getInputMutable().assign(inner.getInput());
    moved.getResult().setType(op.getType());
    remarkDone(moved, pass, "it needs no other order of rows");
    rewriter.replaceOp(op, moved);
    return success();
  }

  StringRef pass;
};

struct RecognizeNormsPass final : impl::RecognizeNormsPassBase<RecognizeNormsPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<RecognizeCore>(context, getArgument(), recognized);
    patterns.add<NormOfHeads<xf::RmsNormOp>, NormOfHeads<xf::LayerNormOp>>(context, getArgument());
    patterns.add<NormOfMoved<xf::RmsNormOp>, NormOfMoved<xf::LayerNormOp>>(context, getArgument());
    patterns.add<AddWeight<xf::RmsNormOp>, AddWeight<xf::LayerNormOp>, AddBias, ZeroBias>(context, getArgument());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace ph
