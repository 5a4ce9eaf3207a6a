#include "lib/Transforms/Recognition/Values.h"
#include "mlir/IR/Matchers.h"
#include "powerhouse/Reference/Interpreter.h"
#include "powerhouse/Transforms/Cleanup/Passes.h"
#include "powerhouse/Transforms/Remarks.h"
#include <cmath>

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_PROPAGATECONSTANTSPASS
#include "lib/Transforms/Cleanup/Passes.h.inc"

namespace {

/// True for the primitives, which are cheap to compute here.
bool isPrimitive(Operation *op) {
  return isa<xf::UnaryOp, xf::ElementwiseOp, xf::CompareOp, xf::SelectOp, xf::CastOp, xf::TransposeOp, xf::ReshapeOp,
             xf::BroadcastOp, xf::ConcatOp, xf::SliceOp, xf::GatherOp, xf::IotaOp, xf::ScalarOp, xf::ReduceOp,
             xf::SoftmaxOp, xf::MatmulOp>(op);
}

/// The value of a constant; nothing for attributes that the interpreter has no values for.
std::optional<reference::Value> toValue(Attribute attribute) {
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return reference::Value(integer.getInt());
  auto elements = dyn_cast<DenseElementsAttr>(attribute);
  if (!elements)
    return std::nullopt;
  reference::Tensor tensor(elements.getType().getShape());
  if (isa<FloatType>(elements.getElementType())) {
    for (auto [x, value] : llvm::zip_equal(tensor.data, elements.getValues<APFloat>()))
      x = value.convertToDouble();
  } else {
    bool truth = elements.getElementType().isInteger(1);
    for (auto [x, value] : llvm::zip_equal(tensor.data, elements.getValues<APInt>()))
      x = truth ? double(value.getZExtValue()) : double(value.getSExtValue());
  }
  return reference::Value(std::move(tensor));
}

/// The attribute of type `type`, with the static dimensions that the tensor has.
DenseElementsAttr toAttribute(const reference::Tensor &tensor, RankedTensorType type) {
  auto exact = RankedTensorType::get(tensor.shape, type.getElementType());
  if (type.getElementType().isF32())
    return DenseElementsAttr::get(exact, ArrayRef(std::vector<float>(tensor.data.begin(), tensor.data.end())));
  if (type.getElementType().isInteger(1))
    return DenseElementsAttr::get(exact, ArrayRef(SmallVector<bool>(tensor.data.begin(), tensor.data.end())));
  return DenseElementsAttr::get(exact, ArrayRef(std::vector<int32_t>(tensor.data.begin(), tensor.data.end())));
}

/// Runs a primitive whose operands are constants.
struct Evaluate : RewritePattern {
  Evaluate(MLIRContext *context, int64_t most, StringRef pass, Pass::Statistic &folded)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context), most(most), pass(pass), folded(folded) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isPrimitive(op))
      return rewriter.notifyMatchFailure(op, "is no primitive");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<reference::Value> inputs, results;
    int64_t size = type.hasStaticShape() ? type.getNumElements() : 0;
    for (Value operand : op->getOperands()) {
      Attribute attribute;
      if (!matchPattern(operand, m_Constant(&attribute)))
        return rewriter.notifyMatchFailure(op, "an operand is no constant");
      if (auto elements = dyn_cast<DenseElementsAttr>(attribute))
        size = std::max(size, elements.getNumElements());
      if (size > most)
        break;
      std::optional<reference::Value> value = toValue(attribute);
      if (!value)
        return rewriter.notifyMatchFailure(op, "an operand is a constant without a value");
      inputs.push_back(*value);
    }
    if (!type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "the size of the result is not in its type");
    if (size > most)
      return refuse(rewriter, op, pass, "the constant has " + Twine(size) + " elements, more than " + Twine(most));
    // What fails when it runs is left to fail there.
    ScopedDiagnosticHandler quiet(op->getContext(), [](Diagnostic &) { return success(); });
    std::unique_ptr<reference::WeightProvider> weights = reference::makeSeededWeights(0);
    reference::Context context(*weights);
    if (failed(cast<ReferenceOpInterface>(op).evaluate(inputs, results, context)))
      return rewriter.notifyMatchFailure(op, "it can't be run");
    remarkDone(op, pass, "its operands are constants, so it is one");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, toAttribute(results.front().tensor(), type));
    ++folded;
    return success();
  }

  int64_t most;
  StringRef pass;
  Pass::Statistic &folded;
};

/// What leaves the other operand as it is: x + 0, x - 0, x · 1, x / 1, x¹, true and x, false or x. Powers that are
/// products and roots become these.
struct Neutral : OpRewritePattern<xf::ElementwiseOp> {
  Neutral(MLIRContext *context, StringRef pass, Pass::Statistic &folded)
      : OpRewritePattern(context), pass(pass), folded(folded) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    std::optional<double> left = getUniform(op.getLhs()), right = getUniform(op.getRhs());
    xf::BinaryKind kind = op.getKind();
    bool commutes = kind != xf::BinaryKind::Sub && kind != xf::BinaryKind::Div && kind != xf::BinaryKind::Pow;
    if (right && right == getNeutral(kind) && !mayWiden(op.getRhs(), op.getLhs()) &&
        op.getLhs().getType() == op.getType())
      return keep(op, op.getLhs(), rewriter);
    if (commutes && left && left == getNeutral(kind) && !mayWiden(op.getLhs(), op.getRhs()) &&
        op.getRhs().getType() == op.getType())
      return keep(op, op.getRhs(), rewriter);
    if ((right && right == getNeutral(kind)) || (commutes && left && left == getNeutral(kind)))
      return refuse(rewriter, op, pass, "one operand changes no number, but may be broadcast to a larger shape");
    if (kind != xf::BinaryKind::Pow || op.getLhs().getType() != op.getType() || mayWiden(op.getRhs(), op.getLhs()))
      return rewriter.notifyMatchFailure(op, "no operand is neutral");
    Operation *plain;
    if (right == 2.0)
      plain = rewriter.replaceOpWithNewOp<xf::ElementwiseOp>(op, xf::BinaryKind::Mul, op.getLhs(), op.getLhs());
    else if (right == -0.5)
      plain = rewriter.replaceOpWithNewOp<xf::UnaryOp>(op, xf::UnaryKind::Rsqrt, op.getLhs());
    else if (right == -1.0)
      plain = rewriter.replaceOpWithNewOp<xf::UnaryOp>(op, xf::UnaryKind::Reciprocal, op.getLhs());
    else
      return rewriter.notifyMatchFailure(op, "the power is no product or root");
    remarkDone(plain, pass, "it is what a power was");
    ++folded;
    return success();
  }

private:
  /// The number that changes nothing as the right operand.
  static std::optional<double> getNeutral(xf::BinaryKind kind) {
    switch (kind) {
    case xf::BinaryKind::Add:
    case xf::BinaryKind::Sub:
    case xf::BinaryKind::Or:
      return 0;
    case xf::BinaryKind::Mul:
    case xf::BinaryKind::Div:
    case xf::BinaryKind::Pow:
    case xf::BinaryKind::And:
      return 1;
    default:
      return std::nullopt;
    }
  }

  LogicalResult keep(xf::ElementwiseOp op, Value value, PatternRewriter &rewriter) const {
    remarkDone(op, pass, "one operand changes nothing");
    rewriter.replaceOp(op, value);
    ++folded;
    return success();
  }

  StringRef pass;
  Pass::Statistic &folded;
};

/// Chooses where the condition is known.
struct KnownChoice : OpRewritePattern<xf::SelectOp> {
  KnownChoice(MLIRContext *context, StringRef pass, Pass::Statistic &folded)
      : OpRewritePattern(context), pass(pass), folded(folded) {}

  LogicalResult matchAndRewrite(xf::SelectOp op, PatternRewriter &rewriter) const override {
    std::optional<double> condition = getUniform(op.getCondition());
    if (!condition)
      return rewriter.notifyMatchFailure(op, "the condition is not known");
    Value chosen = *condition != 0 ? op.getOnTrue() : op.getOnFalse();
    Value other = *condition != 0 ? op.getOnFalse() : op.getOnTrue();
    if (chosen.getType() != op.getType() || mayWiden(op.getCondition(), chosen) || mayWiden(other, chosen))
      return refuse(rewriter, op, pass, "the choice is known, but what is chosen is broadcast");
    remarkDone(op, pass, "the choice is known");
    rewriter.replaceOp(op, chosen);
    ++folded;
    return success();
  }

  StringRef pass;
  Pass::Statistic &folded;
};

/// One number that is repeated twice is repeated once, where the second time says all sizes.
struct UniformBroadcast : OpRewritePattern<xf::BroadcastOp> {
  UniformBroadcast(MLIRContext *context, StringRef pass, Pass::Statistic &folded)
      : OpRewritePattern(context), pass(pass), folded(folded) {}

  LogicalResult matchAndRewrite(xf::BroadcastOp op, PatternRewriter &rewriter) const override {
    Value input = op.getInput();
    DenseElementsAttr elements;
    while (auto inner = input.getDefiningOp<xf::BroadcastOp>())
      input = inner.getInput();
    if (!matchPattern(input, m_Constant(&elements)) || !elements.isSplat() ||
        (input == op.getInput() && elements.getType().getRank() == 0))
      return rewriter.notifyMatchFailure(op, "does not repeat one number");
    ArrayRef<int64_t> shape = cast<RankedTensorType>(op.getInput().getType()).getShape();
    int64_t missing = int64_t(op.getShape().size()) - int64_t(shape.size());
    for (auto [axis, size] : llvm::enumerate(shape))
      if (size != 1 && op.getShape()[missing + axis] == 1)
        return rewriter.notifyMatchFailure(op, "keeps a size of what it repeats");
    auto number = DenseElementsAttr::get(RankedTensorType::get({}, elements.getElementType()),
                                         elements.getSplatValue<Attribute>());
    Value constant = arith::ConstantOp::create(rewriter, op.getLoc(), number);
    rewriter.modifyOpInPlace(op, [&] { op.getInputMutable().assign(constant); });
    remarkDone(op, pass, "one number is repeated once");
    ++folded;
    return success();
  }

  StringRef pass;
  Pass::Statistic &folded;
};

/// not (x = y) is x ≠ y, and the reverse.
struct NegatedComparison : OpRewritePattern<xf::UnaryOp> {
  NegatedComparison(MLIRContext *context, StringRef pass, Pass::Statistic &folded)
      : OpRewritePattern(context), pass(pass), folded(folded) {}

  LogicalResult matchAndRewrite(xf::UnaryOp op, PatternRewriter &rewriter) const override {
    auto compare = op.getInput().getDefiningOp<xf::CompareOp>();
    bool equal = compare && compare.getKind() == xf::CompareKind::Eq;
    if (op.getKind() != xf::UnaryKind::Not || !compare || (!equal && compare.getKind() != xf::CompareKind::Ne))
      return rewriter.notifyMatchFailure(op, "is not the opposite of a comparison");
    auto opposite = rewriter.replaceOpWithNewOp<xf::CompareOp>(op, op.getType(), compare.getLhs(), compare.getRhs(),
                                                               equal ? xf::CompareKind::Ne : xf::CompareKind::Eq);
    remarkDone(opposite, pass, "the opposite of a comparison is one");
    ++folded;
    return success();
  }

  StringRef pass;
  Pass::Statistic &folded;
};

/// Whole numbers that become floats, perhaps with a whole number added, and whole numbers again: they stay such.
struct WholeNumbers : OpRewritePattern<xf::CastOp> {
  WholeNumbers(MLIRContext *context, StringRef pass, Pass::Statistic &folded)
      : OpRewritePattern(context), pass(pass), folded(folded) {}

  LogicalResult matchAndRewrite(xf::CastOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    Value input = op.getInput();
    if (!type.getElementType().isInteger(32) || !cast<RankedTensorType>(input.getType()).getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "makes no whole numbers of floats");
    auto sum = input.getDefiningOp<xf::ElementwiseOp>();
    std::optional<double> number;
    if (sum) {
      number = getUniform(sum.getRhs());
      bool small = number && *number == std::trunc(*number) && std::fabs(*number) < (1 << 24);
      if ((sum.getKind() != xf::BinaryKind::Add && sum.getKind() != xf::BinaryKind::Sub) || !small ||
          mayWiden(sum.getRhs(), sum.getLhs()))
        return rewriter.notifyMatchFailure(op, "no whole number is added");
      input = sum.getLhs();
    }
    SmallVector<Operation *> moves;
    Value source = input;
    while (Operation *move = source.getDefiningOp()) {
      if (!isa<xf::ReshapeOp, xf::BroadcastOp, xf::TransposeOp>(move))
        break;
      moves.push_back(move);
      source = move->getOperand(0);
    }
    auto from = source.getDefiningOp<xf::CastOp>();
    if (!from || !cast<RankedTensorType>(from.getInput().getType()).getElementType().isInteger(32))
      return rewriter.notifyMatchFailure(op, "the floats were not whole numbers before");
    remarkDone(op, pass, "whole numbers stay such");
    ++folded;
    Value whole32 = from.getInput();
    for (Operation *move : llvm::reverse(moves)) {
      Operation *again = rewriter.clone(*move);
      again->setOperand(0, whole32);
      auto moved = cast<RankedTensorType>(move->getResult(0).getType());
      again->getResult(0).setType(moved.clone(rewriter.getI32Type()));
      whole32 = again->getResult(0);
    }
    if (!sum) {
      rewriter.replaceOp(op, whole32);
      return success();
    }
    Attribute whole = rewriter.getI32IntegerAttr(int32_t(*number));
    Value constant = arith::ConstantOp::create(
        rewriter, op.getLoc(), DenseElementsAttr::get(RankedTensorType::get({}, rewriter.getI32Type()), whole));
    rewriter.replaceOpWithNewOp<xf::ElementwiseOp>(op, sum.getKind(), whole32, constant);
    return success();
  }

  StringRef pass;
  Pass::Statistic &folded;
};

/// (n · c) / c is n.
struct WholeQuotient : OpRewritePattern<arith::FloorDivSIOp> {
  WholeQuotient(MLIRContext *context, StringRef pass, Pass::Statistic &folded)
      : OpRewritePattern(context), pass(pass), folded(folded) {}

  LogicalResult matchAndRewrite(arith::FloorDivSIOp op, PatternRewriter &rewriter) const override {
    auto product = op.getLhs().getDefiningOp<arith::MulIOp>();
    APInt times, by;
    if (!op.getType().isIndex() || !product || !matchPattern(product.getRhs(), m_ConstantInt(&times)) ||
        !matchPattern(op.getRhs(), m_ConstantInt(&by)) || times != by || !by.isStrictlyPositive())
      return rewriter.notifyMatchFailure(op, "does not undo a product");
    remarkDone(op, pass, "a size that was multiplied is divided again");
    rewriter.replaceOp(op, product.getLhs());
    ++folded;
    return success();
  }

  StringRef pass;
  Pass::Statistic &folded;
};

struct PropagateConstantsPass final : impl::PropagateConstantsPassBase<PropagateConstantsPass> {
  using PropagateConstantsPassBase::PropagateConstantsPassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<xf::XFDialect, arith::ArithDialect>();
    reference::registerReferenceModels(registry);
  }

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<Evaluate>(context, most, getArgument(), folded);
    patterns.add<Neutral, KnownChoice, UniformBroadcast, NegatedComparison, WholeNumbers, WholeQuotient>(
        context, getArgument(), folded);
    // Sizes and positions: arithmetic on indices.
    for (StringRef name : {"arith.addi", "arith.subi", "arith.muli"})
      if (auto registered = RegisteredOperationName::lookup(name, context))
        registered->getCanonicalizationPatterns(patterns, context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace ph
