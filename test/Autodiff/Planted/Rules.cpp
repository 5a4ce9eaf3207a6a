// Rules with the mistakes that rules have.
#include "lib/Autodiff/Rules/Rope.h"
#include "test/Autodiff/Planted/Bug.h"

using namespace mlir;
using namespace ph::autodiff;

namespace ph::planted {

/// A rule whose forward mode is that of what is linear in each operand.
template <class Op, LogicalResult (*pull)(Pullback &, Op)> static void wrong(MLIRContext *context) {
  attachMultilinear<Op, pull>(context);
}

static LogicalResult secondForgotten(Pullback &pull, xf::AddOp op) {
  pull.add(op.getLhs(), pull.gradientOf(op.getResult()));
  return success();
}

static LogicalResult notTransposed(Pullback &pull, xf::MatmulOp op) {
  Value g = pull.gradientOf(op.getResult());
  pull.add(op.getLhs(), xf::MatmulOp::create(pull.p, g, op.getRhs()));
  pull.add(op.getRhs(), xf::MatmulOp::create(pull.p, op.getLhs(), g, /*transposeB=*/false, /*transposeA=*/true));
  return success();
}

static LogicalResult factorOfRow(Pullback &pull, xf::MulOp op) {
  Primitives &p = pull.p;
  Value g = pull.gradientOf(op.getResult());
  pull.add(op.getLhs(), p.mul(g, op.getRhs()));
  // Not summed up over the row that the factor is repeated along: only its first element counts.
  Value product = p.mul(g, op.getLhs());
  int64_t last = int64_t(xf::shapeOf(product).size()) - 1;
  pull.add(op.getRhs(), xf::SliceOp::create(p, product, last, p.getI64IntegerAttr(0), p.getI64IntegerAttr(1)));
  return success();
}

static LogicalResult softmaxWithoutSum(Pullback &pull, xf::SoftmaxOp op) {
  pull.add(op.getInput(), pull.p.mul(op.getResult(), pull.gradientOf(op.getResult())));
  return success();
}

static LogicalResult constantScale(Pullback &pull, xf::RmsNormOp op) {
  Primitives &p = pull.p;
  // x / rms as if the root were constant.
  Value x = op.getInput(), g = pull.gradientOf(op.getResult());
  Value mean = xf::ReduceOp::create(p, xf::ReduceKind::Mean, p.square(x), int64_t(xf::shapeOf(x).size()) - 1);
  Value scale = xf::UnaryOp::create(p, xf::UnaryKind::Rsqrt, p.add(mean, p.number(op.getEps().convertToDouble())));
  pull.add(x, p.mul(p.mul(g, op.getWeight()), scale));
  return pull.addSummed(op, op.getWeight(), p.mul(g, p.mul(x, scale)));
}

static SmallVector<Value> spellSigmoidForSilu(Primitives &p, xf::ActivationOp op) { return {p.sigmoid(op.getInput())}; }

/// The mean over the row is not taken away from the variance's: mean of squares for the variance.
static SmallVector<Value> spellNotCentred(Primitives &p, xf::LayerNormOp op) {
  Value x = op.getInput();
  int64_t last = int64_t(xf::shapeOf(x).size()) - 1;
  auto mean = [&](Value value) { return xf::ReduceOp::create(p, xf::ReduceKind::Mean, value, last).getResult(); };
  Value scale = xf::UnaryOp::create(p, xf::UnaryKind::Rsqrt, p.add(mean(p.square(x)), p.number(1e-5)));
  return {p.mul(p.sub(x, mean(x)), scale)};
}

static LogicalResult rotatedForward(Pullback &pull, xf::RopeOp op) {
  pull.add(op.getInput(),
           rotate(pull.p, pull.gradientOf(op.getResult()), op.getPositions(), op.getHeads(), op.getRope()));
  return success();
}

static LogicalResult lastWins(Pullback &pull, xf::EmbeddingOp op) {
  // What was there is lost.
  Primitives &p = pull.p;
  Value gradient = pull.gradientOf(op.getResult());
  pull.set(op.getTable(), train::ScatterAddOp::create(p, gradient, zerosLike(p, op.getTable()), op.getTokens()));
  return success();
}

static LogicalResult capForgotten(Pullback &pull, train::TokenLogpOp op) {
  auto back = train::TokenLogpBackwardOp::create(pull.p, op, pull.gradientOf(op.getResult()), true, false);
  back.removeSoftCapAttr();
  pull.add(op.getHidden(), back.getHiddenGradient());
  pull.add(op.getWeight(), back.getWeightGradientResult());
  return success();
}
static LogicalResult pushNothing(Pushforward &, train::TokenLogpOp) { return success(); }

static LogicalResult maskForgotten(Pullback &pull, xf::AttentionOp op) {
  auto back = xf::AttentionBackwardOp::create(
      pull.p, TypeRange{op.getQuery().getType(), op.getKeys().getType(), op.getValues().getType()}, op.getQuery(),
      op.getKeys(), op.getValues(), pull.gradientOf(op.getResult()), Value(), Value(), Value(), Value(), Value(),
      op.getHeadsAttr(), op.getScaleAttr(), op.getMaskAttr(), IntegerAttr(), FloatAttr(), xf::AlibiAttr(),
      IntegerAttr());
  pull.add(op.getQuery(), back.getQueryGradient());
  pull.add(op.getKeys(), back.getKeysGradient());
  pull.add(op.getValues(), back.getValuesGradient());
  return success();
}
static LogicalResult pushNothing(Pushforward &, xf::AttentionOp) { return success(); }

static LogicalResult normIsConstant(Pullback &pull, xf::RouterOp op) {
  // The weights as if each were a sigmoid of its logit alone.
  Primitives &p = pull.p;
  Value w = op.getWeights(), g = pull.gradientOf(w);
  Value change = p.mul(g, p.mul(w, p.sub(p.number(1), w)));
  int64_t experts = op.getExpertCount(), choices = op.getTopK();
  SmallVector<OpFoldResult> wide = {p.getI64IntegerAttr(-1), p.getI64IntegerAttr(choices), p.getI64IntegerAttr(1)};
  Value numbers = xf::IotaOp::create(p, RankedTensorType::get({experts}, p.getI32Type()), Value());
  Value chosen = p.compare(xf::CompareKind::Eq, xf::ReshapeOp::create(p, op.getExperts(), wide), numbers);
  Value each = p.select(chosen, xf::ReshapeOp::create(p, change, wide), p.number(0));
  Value sum = xf::ReduceOp::create(p, xf::ReduceKind::Sum, each, ArrayRef<int64_t>{1}, /*keepdims=*/false);
  pull.add(op.getLogits(), reshapeLike(p, sum, op.getLogits()));
  return success();
}
static LogicalResult pushNothing(Pushforward &, xf::RouterOp) { return success(); }

static LogicalResult choicesNotSummed(Pullback &pull, xf::ExpertLinearOp op) {
  Primitives &p = pull.p;
  Value turned = xf::TransposeOp::create(p, op.getWeight(), ArrayRef<int64_t>{0, 2, 1});
  Value back = xf::ExpertLinearOp::create(p, pull.gradientOf(op.getResult()), turned, op.getExperts());
  int64_t choice = int64_t(xf::shapeOf(back).size()) - 2;
  pull.add(op.getInput(), xf::ReduceOp::create(p, xf::ReduceKind::Mean, back, choice, /*keepdims=*/false).getResult());
  return success();
}

static LogicalResult meanAsSum(Pullback &pull, xf::ReduceOp op) {
  pull.add(op.getInput(), broadcastLike(pull.p, pull.gradientOf(op.getResult()), op.getInput()));
  return success();
}

static LogicalResult otherOrder(Pullback &pull, xf::ConcatOp op) {
  Primitives &p = pull.p;
  int64_t at = xf::shapeOf(op.getResult())[op.getAxis()];
  for (Value input : op.getInputs()) {
    int64_t to = at;
    at -= xf::shapeOf(input)[op.getAxis()];
    pull.add(input, xf::SliceOp::create(p, pull.gradientOf(op.getResult()), op.getAxis(), p.getI64IntegerAttr(at),
                                        p.getI64IntegerAttr(to)));
  }
  return success();
}
static LogicalResult pushConcat(Pushforward &push, xf::ConcatOp op) {
  push.add(op.getResult(),
           xf::ConcatOp::create(push.p, {push.tangentOf(op.getInputs()[0]), push.tangentOf(op.getInputs()[1])},
                                op.getAxis()));
  return success();
}

static LogicalResult otherBranch(Pullback &pull, xf::SelectOp op) {
  Value g = pull.gradientOf(op.getResult()), zero = pull.p.number(0);
  pull.add(op.getOnTrue(), pull.p.select(op.getCondition(), zero, g));
  pull.add(op.getOnFalse(), pull.p.select(op.getCondition(), g, zero));
  return success();
}

static LogicalResult pullExp(Pullback &pull, xf::UnaryOp op) {
  pull.add(op.getInput(), pull.p.mul(pull.gradientOf(op.getResult()), op.getResult()));
  return success();
}
static LogicalResult pushInput(Pushforward &push, xf::UnaryOp op) {
  push.add(op.getResult(), push.p.mul(push.tangentOf(op.getInput()), op.getInput()));
  return success();
}

static LogicalResult firstReadLost(Pullback &pull, xf::StackReadOp op) {
  Primitives &p = pull.p;
  pull.set(op.getStack(),
           xf::StackWriteOp::create(p, pull.gradientOf(op.getResult()), zerosLike(p, op.getStack()), op.getIndex()));
  return success();
}

llvm::ArrayRef<Bug> ruleBugs() {
  static constexpr Bug bugs[] = {
      {"add-second-forgotten", "add", wrong<xf::AddOp, secondForgotten>},
      {"matmul-not-transposed", "matmul", wrong<xf::MatmulOp, notTransposed>},
      {"mul-factor-not-summed", "factor", wrong<xf::MulOp, factorOfRow>},
      {"softmax-without-sum", "softmax", wrong<xf::SoftmaxOp, softmaxWithoutSum>},
      {"rms-norm-root-constant", "rms_norm", wrong<xf::RmsNormOp, constantScale>},
      {"layer-norm-not-centred", "layer_norm", attachSpelled<xf::LayerNormOp, spellNotCentred>},
      {"silu-as-sigmoid", "silu", attachSpelled<xf::ActivationOp, spellSigmoidForSilu>},
      {"rope-forward", "rope", wrong<xf::RopeOp, rotatedForward>},
      {"embedding-last-wins", "embedding", wrong<xf::EmbeddingOp, lastWins>},
      {"token-logp-cap-forgotten", "token_logp", attach<train::TokenLogpOp, capForgotten, pushNothing>},
      {"attention-window-forgotten", "attention", attach<xf::AttentionOp, maskForgotten, pushNothing>},
      {"router-sum-constant", "router", attach<xf::RouterOp, normIsConstant, pushNothing>},
      {"experts-mean-for-sum", "experts", wrong<xf::ExpertLinearOp, choicesNotSummed>},
      {"mean-as-sum", "mean", wrong<xf::ReduceOp, meanAsSum>},
      {"concat-other-order", "concat", attach<xf::ConcatOp, otherOrder, pushConcat>},
      {"select-other-branch", "select", wrong<xf::SelectOp, otherBranch>},
      {"exp-forward-wrong", "exp", attach<xf::UnaryOp, pullExp, pushInput>},
      {"stack-first-read-lost", "stack", wrong<xf::StackReadOp, firstReadLost>},
  };
  return bugs;
}

} // namespace ph::planted
