#include "dialects/Transformer/Dims.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZELINEARPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// x · W with one matrix for all rows → xf.linear.
struct RecognizeProduct : OpRewritePattern<xf::MatmulOp> {
  RecognizeProduct(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::MatmulOp op, PatternRewriter &rewriter) const override {
    Value weight = op.getRhs();
    if (typeOf(weight).getRank() != 2)
      return rewriter.notifyMatchFailure(op, "the right side has a matrix for each of several rows");
    if (op.getTransposeA())
      return refuse(rewriter, op, pass, "the rows are stored as columns");
    if (!xf::isMatrix(weight.getType()))
      return refuse(rewriter, op, pass, "the matrix is of no static shape");
    if (!xf::isPlainActivation(op.getLhs().getType()))
      return refuse(rewriter, op, pass, "the rows are of no static length");
    // xf.linear has the outputs as rows.
    if (!op.getTransposeB())
      weight = rewriter.createOrFold<xf::TransposeOp>(op.getLoc(), weight, ArrayRef<int64_t>{1, 0});
    auto linear = rewriter.replaceOpWithNewOp<xf::LinearOp>(op, op.getType(), op.getLhs(), weight, /*bias=*/Value(),
                                                            /*residual=*/Value(), xf::ActivationAttr());
    remarkDone(linear, pass, "one matrix for all rows");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

/// An xf.linear plus a vector: its bias.
struct RecognizeBias : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeBias(MLIRContext *context, StringRef pass) : OpRewritePattern(context), pass(pass) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != xf::BinaryKind::Add)
      return rewriter.notifyMatchFailure(op, "is no sum");
    for (auto [product, bias] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      auto linear = product.getDefiningOp<xf::LinearOp>();
      if (!linear || !xf::isVector(bias.getType()) || op.getType() != product.getType() ||
          typeOf(bias).getDimSize(0) != typeOf(product).getShape().back())
        continue;
      if (linear.getBias() || linear.getResidual() || linear.getActivation())
        return refuse(rewriter, op, pass, "the product has a bias, a residual or an activation already");
      if (!linear->hasOneUse())
        return refuse(rewriter, op, pass, "the product is used without its bias too");
      auto biased =
          rewriter.replaceOpWithNewOp<xf::LinearOp>(op, op.getType(), linear.getInput(), linear.getWeight(), bias,
                                                    /*residual=*/Value(), xf::ActivationAttr());
      remarkDone(biased, pass, "a vector is its bias");
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no product is added to a vector");
  }

  StringRef pass;
};

/// The sum of two activations of one shape → xf.add: what other passes know as the residual connection.
struct RecognizeResidual : OpRewritePattern<xf::ElementwiseOp> {
  RecognizeResidual(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::ElementwiseOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != xf::BinaryKind::Add || !xf::isPlainActivation(op.getType()))
      return rewriter.notifyMatchFailure(op, "is no sum of activations");
    int64_t rank = op.getType().getRank();
    for (Value operand : op->getOperands())
      if (operand.getType() != op.getType())
        return rewriter.notifyMatchFailure(op, "an operand is broadcast");
    // Dynamic dimensions that aren't known to be the same may be 1, and broadcast.
    for (int64_t axis = 0; axis < rank; ++axis)
      if (!xf::areEqual({op.getLhs(), axis}, {op.getRhs(), axis}))
        return refuse(rewriter, op, pass, "an operand may be broadcast");
    auto sum = rewriter.replaceOpWithNewOp<xf::AddOp>(op, op.getType(), op.getLhs(), op.getRhs());
    remarkDone(sum, pass, "the sum of two activations of one shape");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizeLinearPass final : impl::RecognizeLinearPassBase<RecognizeLinearPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<RecognizeProduct, RecognizeResidual>(context, getArgument(), recognized);
    patterns.add<RecognizeBias>(context, getArgument());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    SymbolTable symbols(getOperation());
    SmallVector<xf::TransposeOp> transposes;
    getOperation().walk([&](xf::TransposeOp op) { transposes.push_back(op); });
    for (xf::TransposeOp op : transposes)
      readTransposed(op, symbols);
  }

private:
  /// A transposed weight becomes one that is read transposed.
  void readTransposed(xf::TransposeOp op, SymbolTable &symbols) {
    auto load = op.getInput().getDefiningOp<xf::LoadWeightOp>();
    auto weight = load ? symbols.lookup<xf::WeightOp>(load.getWeight()) : xf::WeightOp();
    if (!weight || typeOf(op.getResult()).getRank() != 2)
      return;
    auto source = weight.getSources() ? dyn_cast<xf::SourceAttr>((*weight.getSources())[0])
                                      : xf::SourceAttr::get(op.getContext(), weight.getSymName());
    // Parts of tensors, and rows in another order, are those of the matrix as it is.
    bool whole = (!weight.getSources() || weight.getSources()->size() == 1) && source.getOf() == 0 &&
                 !source.isPerRow() && source.getParts() == 0 && source.getColumns().empty() &&
                 source.getTransform() == xf::SourceTransform::None;
    if (!whole || (weight.getStacked() && !weight.getSources()))
      return remarkRefused(op, getArgument(), "the weight @" + weight.getSymName() + " can't be read transposed");
    OpBuilder builder(weight);
    SmallVector<int64_t> shape(cast<RankedTensorType>(weight.getType()).getShape());
    std::swap(shape.back(), shape[shape.size() - 2]);
    auto transposed =
        xf::SourceAttr::get(op.getContext(), source.getTensor(), source.getFirst(), source.getStep(),
                            /*rows=*/0, source.getTransform(), source.getHeads(), source.getFrom(), source.getOf(),
                            source.getCopied(), !source.getTransposed(), source.getPart(), source.getParts(),
                            source.getInterleaved(), source.getColumns(), source.getOffset());
    std::string name = (weight.getSymName() + "_transposed").str();
    // Loads of one weight share what it becomes.
    auto made = symbols.lookup<xf::WeightOp>(name);
    TypeAttr type = TypeAttr::get(RankedTensorType::get(shape, builder.getF32Type()));
    ArrayAttr sources = builder.getArrayAttr(transposed);
    if (!made || made.getSourcesAttr() != sources || made.getTypeAttr() != type) {
      made = xf::WeightOp::create(builder, weight.getLoc(), builder.getStringAttr(name), type, weight.getStackedAttr(),
                                  sources);
      symbols.insert(made, Block::iterator(weight));
    }
    OpBuilder loads(load);
    auto reload = xf::LoadWeightOp::create(loads, load.getLoc(), made, load.getLayer());
    remarkDone(reload, getArgument(), "the weight @" + weight.getSymName() + " is read transposed");
    op.replaceAllUsesWith(reload.getResult());
    op.erase();
    if (!load->use_empty())
      return;
    load.erase();
    if (SymbolTable::symbolKnownUseEmpty(weight, getOperation()))
      symbols.erase(weight);
  }
};

} // namespace
} // namespace ph
