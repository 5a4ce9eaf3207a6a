#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Recognition/Values.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"
#include <cmath>
#include <numbers>

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZEACTIVATIONSPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

/// A value as a product: a number and factors, of which powers of 2 and 3 count as often.
struct Product {
  double number = 1;
  SmallVector<Value> factors;

  explicit Product(Value value) { add(value); }

  /// How often `value` is a factor.
  int64_t count(Value value) const { return llvm::count(factors, value); }
  /// The only factor beside one `value`; null where there are others.
  Value beside(Value value) const {
    if (factors.size() != 2 || count(value) != 1)
      return {};
    return factors[0] == value ? factors[1] : factors[0];
  }
  /// True if it is number · value^power.
  bool is(double wanted, Value value, size_t power) const {
    return isNear(number, wanted) && factors.size() == power && count(value) == int64_t(power);
  }

private:
  void add(Value value) {
    if (std::optional<Multiple> multiple = matchMultiple(value)) {
      number *= multiple->factor;
      return add(multiple->of);
    }
    if (auto both = matchBinary(value, xf::BinaryKind::Mul)) {
      add(both->first);
      return add(both->second);
    }
    for (int power : {2, 3})
      if (Value base = matchWithNumber(value, xf::BinaryKind::Pow, power)) {
        factors.append(power, base);
        return;
      }
    factors.push_back(value);
  }
};

/// Whether `value` is √(2/π) (x + 0.044715 x³), or with x taken out of the sum.
bool isTanhArgument(Value value, Value x) {
  Product outer(value);
  if (!isNear(outer.number, std::sqrt(2 * std::numbers::inv_pi)))
    return false;
  bool apart = outer.factors.size() == 2;
  Value inner = apart ? outer.beside(x) : outer.factors.size() == 1 ? outer.factors[0] : Value();
  auto sum = inner ? matchBinary(inner, xf::BinaryKind::Add) : std::nullopt;
  if (!sum)
    return false;
  for (auto [low, high] : {std::pair(sum->first, sum->second), std::pair(sum->second, sum->first)})
    if ((apart ? getUniform(low) == 1 : low == x) && Product(high).is(0.044715, x, apart ? 2 : 3))
      return true;
  return false;
}

/// The activation of `x` that x · `number` · `gate` is.
std::optional<xf::Activation> gatedBy(Value x, double number, Value gate) {
  if (Value inside = matchUnary(gate, xf::UnaryKind::Sigmoid); inside && number == 1) {
    if (inside == x)
      return xf::Activation::Silu;
    if (Product(inside).is(1.702, x, 1))
      return xf::Activation::QuickGelu;
  }
  // 1 + erf(x / √2), 1 + tanh(…)
  Value curve = isNear(number, 0.5) ? matchWithNumber(gate, xf::BinaryKind::Add, 1) : Value();
  if (!curve)
    return std::nullopt;
  if (Value inside = matchUnary(curve, xf::UnaryKind::Erf); inside && Product(inside).is(std::numbers::sqrt2 / 2, x, 1))
    return xf::Activation::Gelu;
  if (Value inside = matchUnary(curve, xf::UnaryKind::Tanh); inside && isTanhArgument(inside, x))
    return xf::Activation::GeluTanh;
  return std::nullopt;
}

/// x / (1 + e^-x)
bool isQuotientOfSilu(Value x, Value divisor) {
  Value exponential = matchWithNumber(divisor, xf::BinaryKind::Add, 1);
  Value negated = exponential ? matchUnary(exponential, xf::UnaryKind::Exp) : Value();
  return negated && Product(negated).is(-1, x, 1);
}

struct RecognizeActivation : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeActivation(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    Value x;
    std::optional<xf::Activation> activation;
    if (op.getKind() == xf::BinaryKind::Max) {
      x = matchWithNumber(op, xf::BinaryKind::Max, 0);
      if (x)
        activation = xf::Activation::Relu;
    } else if (op.getKind() == xf::BinaryKind::Div && isQuotientOfSilu(op.getLhs(), op.getRhs())) {
      x = op.getLhs();
      activation = xf::Activation::Silu;
    } else if (op.getKind() == xf::BinaryKind::Mul || op.getKind() == xf::BinaryKind::Div) {
      Product product(op.getResult());
      if (product.factors.size() == 2)
        for (Value candidate : product.factors)
          if (auto found = gatedBy(candidate, product.number, product.beside(candidate))) {
            x = candidate;
            activation = found;
          }
    }
    if (!activation)
      return rewriter.notifyMatchFailure(op, "is no activation");
    if (!xf::isPlainActivation(x.getType()) || x.getType() != op.getType())
      return refuse(rewriter, op, pass, "it is an activation of what has no static last dimension");
    auto named = rewriter.replaceOpWithNewOp<xf::ActivationOp>(op, op.getType(), x, *activation);
    remarkDone(named, pass, xf::stringifyActivation(*activation) + " as primitives spell it out");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

/// act(gate) · up → xf.gated_activation
struct RecognizeGate : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeGate(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != xf::BinaryKind::Mul || op.getLhs().getType() != op.getRhs().getType())
      return rewriter.notifyMatchFailure(op, "is no product of two activations");
    for (auto [gate, up] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      auto activation = gate.getDefiningOp<xf::ActivationOp>();
      if (!activation || activation.getType() != op.getType())
        continue;
      if (!activation->hasOneUse())
        return refuse(rewriter, op, pass, "the activation is used elsewhere too");
      // The product of primitives repeats the one that has a size of 1; the gated op doesn't.
      if (!llvm::all_of(llvm::seq<int64_t>(cast<RankedTensorType>(op.getType()).getRank()),
                        [&](int64_t axis) { return xf::areEqual({gate, axis}, {up, axis}); }))
        return refuse(rewriter, op, pass, "one of gate and up may be repeated at run time");
      auto gated = rewriter.replaceOpWithNewOp<xf::GatedActivationOp>(
          op, op.getType(), activation.getInput(), up, activation.getActivationAttr(), FloatAttr(), FloatAttr());
      remarkDone(gated, pass, "the activation is a gate");
      ++recognized;
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no activation gates");
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

/// A tanh that is part of no other activation.
struct RecognizeTanh : OpRewritePattern<xf::UnaryOp> {
  RecognizeTanh(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::UnaryOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != xf::UnaryKind::Tanh || cast<RankedTensorType>(op.getType()).getRank() < 2)
      return rewriter.notifyMatchFailure(op, "is no tanh of an activation");
    if (!xf::isPlainActivation(op.getType()))
      return refuse(rewriter, op, pass, "it is an activation of what has no static last dimension");
    auto named = rewriter.replaceOpWithNewOp<xf::ActivationOp>(op, op.getType(), op.getInput(), xf::Activation::Tanh);
    remarkDone(named, pass, "tanh as primitives spell it out");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizeActivationsPass final : impl::RecognizeActivationsPassBase<RecognizeActivationsPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<RecognizeActivation, RecognizeGate>(context, getArgument(), recognized);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    RewritePatternSet rest(context);
    rest.add<RecognizeTanh>(context, getArgument(), recognized);
    if (failed(applyPatternsGreedily(getOperation(), std::move(rest))))
      signalPassFailure();
  }
};

} // namespace
} // namespace ph
