// Proximal policy optimization as `ph train` does it: what rollouts need, and the loss of a policy with values.
#include "dialects/Transformer/Broadcast.h"
#include "lib/Training/Objectives.h"
#include "powerhouse/Transforms/Training/Passes.h"

using namespace mlir;

namespace ph {

static constexpr StringLiteral kHeadWeight = "v_head.summary.weight", kHeadBias = "v_head.summary.bias";

/// Another weight to train, at the end.
static void addWeight(func::FuncOp function, StringRef name, ArrayRef<int64_t> shape) {
  Builder b(function.getContext());
  auto attributes = b.getDictionaryAttr({b.getNamedAttr(xf::XFDialect::getNameAttrName(), b.getStringAttr(name)),
                                         b.getNamedAttr(kTensorsAttr, b.getArrayAttr(b.getStringAttr(name))),
                                         b.getNamedAttr(kTensorRankAttr, b.getI64IntegerAttr(int64_t(shape.size())))});
  (void)function.insertArgument(function.getNumArguments(), RankedTensorType::get(shape, b.getF32Type()), attributes,
                                function.getLoc());
}

LogicalResult addValueHead(TrainingFunction &f) {
  if (!f.tokens() || failed(f.findScores()))
    return failure();
  int64_t columns = xf::shapeOf(f.hidden).back();
  addWeight(f.function, kHeadWeight, {1, columns});
  addWeight(f.function, kHeadBias, {1});
  return success();
}

static Value weightOf(TrainingFunction &f, StringRef name) {
  for (unsigned i = 0; i < f.function.getNumArguments(); ++i)
    if (f.function.getArgAttrOfType<StringAttr>(i, xf::XFDialect::getNameAttrName()) == name)
      return f.function.getArgument(i);
  llvm_unreachable("addValueHead comes first");
}

namespace {
/// What a policy says of the tokens that rows predict, each [rows, length]; 0 log-probability where there is no label.
struct Acting {
  Value logp, values, counts;
};
} // namespace

static FailureOr<Acting> act(TrainingFunction &f) {
  Value given = f.addTokensInput("labels"), labels = f.shifted(given);
  FailureOr<Value> logp = f.labelLogp(labels);
  if (failed(logp))
    return failure();
  Value values = xf::LinearOp::create(f.p, f.hidden, weightOf(f, kHeadWeight), weightOf(f, kHeadBias));
  SmallVector<OpFoldResult> sizes;
  for (int64_t axis : {0, 1})
    sizes.push_back(xf::DimOp::create(f.p, given, axis).getResult());
  values = xf::ReshapeOp::create(f.p, values, sizes);
  Value counts = xf::CastOp::create(f.p, f.tokensType(), f.p.compare(xf::CompareKind::Ne, labels, f.p.integer(-100)));
  return Acting{*logp, values, counts};
}

LogicalResult policyAct(TrainingFunction &f) {
  FailureOr<Acting> acting = act(f);
  if (failed(acting))
    return failure();
  f.finish({{"logp", acting->logp}, {"values", acting->values}});
  return success();
}

LogicalResult policyOfRollouts(TrainingFunction &f) {
  FailureOr<Acting> acting = act(f);
  if (failed(acting))
    return failure();
  Value old = f.addInput("old_logp", f.floatsType(2)), reference = f.addInput("reference_logp", f.floatsType(2)),
        values = f.addInput("old_values", f.floatsType(2)), scores = f.addInput("scores", f.floatsType(1));
  auto number = [&](double value) { return f.p.getF64FloatAttr(value); };
  Value counts = acting->counts;
  Value rewards =
      train::KlRewardsOp::create(f.p, f.floatsType(2), scores, old, reference, counts, number(f.options.klBeta));
  auto gae = train::GaeOp::create(f.p, f.floatsType(2), f.floatsType(2), rewards, values, counts,
                                  number(f.options.gamma), number(f.options.gaeLambda));
  Value white = train::WhitenOp::create(f.p, f.floatsType(2), gae.getAdvantages(), counts, number(1e-8));
  auto policy = train::PpoLossOp::create(f.p, f.floatsType(0), f.floatsType(0), acting->logp, old, white, counts,
                                         number(f.options.clip));
  auto value = train::ValueLossOp::create(f.p, f.floatsType(0), f.floatsType(0), acting->values, values,
                                          gae.getReturns(), counts, number(f.options.valueClip));
  Value loss = f.p.add(policy.getSum(), f.p.scaled(value.getSum(), f.options.valueWeight));
  f.finish({{"loss", loss}, {"count", policy.getCount()}});
  return success();
}

} // namespace ph
