#include "lib/Training/Objectives.h"
#include "dialects/Transformer/Broadcast.h"

using namespace mlir;

namespace ph {

namespace {
struct Entry {
  StringRef name;
  Objective objective;
};
const Entry entries[] = {
    {"clm", causalLanguageModel}, {"mlm", maskedLanguageModel}, {"reward", rewardOfPairs},
    {"dpo", directPreference},    {"ipo", identityPreference},  {"orpo", oddsRatioPreference},
    {"simpo", simplePreference},  {"kto", kahnemanTversky},     {"kto_unpaired", kahnemanTverskyUnpaired},
    {"ppo", proximalPolicy},      {"distill", distillation},    {"distill_labels", distillationOfLabels},
    {kTeacher, allLogits},        {kPolicy, policyOfRollouts},  {"classification", classification},
    {"multi_label", multiLabel},  {"regression", regression}};

const Companion baselines[] = {{"baseline", kahnemanTverskyBaseline}};
const Companion players[] = {{"act", policyAct}, {"rollout", allLogits}};
} // namespace

ArrayRef<Companion> companionsOf(StringRef objective) {
  if (objective == kPolicy)
    return players;
  return objective == "kto_unpaired" ? ArrayRef<Companion>(baselines) : ArrayRef<Companion>();
}

Objective findObjective(StringRef name) {
  for (const Entry &entry : entries)
    if (entry.name == name)
      return entry.objective;
  return nullptr;
}

std::string knownObjectives() {
  std::string names;
  for (const Entry &entry : entries)
    names += (names.empty() ? "" : ", ") + entry.name.str();
  return names;
}

static LogicalResult needTokens(TrainingFunction &f) {
  if (f.tokens())
    return success();
  return f.function.emitOpError() << "reads no tokens, which '" << f.options.objective << "' needs";
}

/// The loss of predicting `labels`, each by its row.
static LogicalResult predict(TrainingFunction &f, Value labels) {
  Value logits = f.result("logits");
  auto biased = logits ? logits.getDefiningOp<xf::LinearOp>() : xf::LinearOp();
  if (biased && biased.getBias()) {
    // Vocabularies with a bias: all logits at once.
    int64_t columns = xf::shapeOf(logits).back();
    auto loss =
        train::ClassificationLossOp::create(f.p, f.floatsType(0), f.floatsType(0), f.reshaped(logits, {-1, columns}),
                                            f.reshaped(labels, {-1}), f.p.getI64IntegerAttr(-100));
    f.finish({{"loss", loss.getSum()}, {"count", loss.getCount()}});
    return success();
  }
  FailureOr<Value> logp = f.labelLogp(labels);
  if (failed(logp))
    return failure();
  auto loss =
      train::LmLossOp::create(f.p, f.floatsType(0), f.floatsType(0), *logp, labels, f.p.getI64IntegerAttr(-100));
  f.finish({{"loss", loss.getSum()}, {"count", loss.getCount()}});
  return success();
}

LogicalResult causalLanguageModel(TrainingFunction &f) {
  if (failed(needTokens(f)))
    return failure();
  return predict(f, f.shifted(f.addTokensInput("labels")));
}

LogicalResult maskedLanguageModel(TrainingFunction &f) {
  if (failed(needTokens(f)))
    return failure();
  return predict(f, f.addTokensInput("labels"));
}

/// How far the model is from a teacher, where `mask`, [batch, sequence], isn't 0; everywhere if it is null.
static LogicalResult distill(TrainingFunction &f, Value mask) {
  int64_t vocabulary = cast<RankedTensorType>(f.weight.getType()).getDimSize(0);
  auto type = RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic, vocabulary}, f.p.getF32Type());
  Value teacher = f.addInput("teacher_logits", type);
  if (xf::shapeOf(f.hidden).size() == 2) {
    teacher = f.reshaped(teacher, {-1, vocabulary});
    mask = mask ? f.reshaped(mask, {-1}) : mask;
  }
  SmallVector<int64_t> shape(xf::shapeOf(f.hidden).drop_back());
  Value kl =
      train::TokenKlOp::create(f.p, RankedTensorType::get(shape, f.p.getF32Type()), f.hidden, f.weight, teacher,
                               f.p.getF64FloatAttr(f.options.temperature),
                               f.options.reverse ? f.p.getUnitAttr() : UnitAttr(), f.scale, f.softCap, IntegerAttr());
  if (!mask) {
    SmallVector<OpFoldResult> sizes;
    for (int64_t axis = 0; axis < int64_t(shape.size()); ++axis)
      sizes.push_back(xf::DimOp::create(f.p, kl, axis).getResult());
    mask = xf::BroadcastOp::create(f.p, f.p.integer(1), sizes);
  }
  auto loss = train::DistillLossOp::create(f.p, f.floatsType(0), f.floatsType(0), kl, mask,
                                           f.p.getF64FloatAttr(f.options.temperature));
  f.finish({{"loss", loss.getSum()}, {"count", loss.getCount()}});
  return success();
}

LogicalResult distillation(TrainingFunction &f) {
  if (failed(needTokens(f)) || failed(f.findScores()))
    return failure();
  return distill(f, Value());
}

LogicalResult distillationOfLabels(TrainingFunction &f) {
  if (failed(needTokens(f)) || failed(f.findScores()))
    return failure();
  Value labels = f.shifted(f.addTokensInput("labels"));
  return distill(f,
                 xf::CastOp::create(f.p, f.tokensType(), f.p.compare(xf::CompareKind::Ne, labels, f.p.integer(-100))));
}

LogicalResult allLogits(TrainingFunction &f) {
  Value logits = f.result("logits");
  if (failed(needTokens(f)))
    return failure();
  if (!logits)
    return f.function.emitOpError() << "gives no scores of tokens, which a teacher must";
  f.finish({{"logits", logits}});
  return success();
}

/// All but the last position of each sequence, whose row predicts nothing.
static Value withoutLast(TrainingFunction &f, Value value) {
  return xf::SliceOp::create(f.p, value, 1, f.p.getI64IntegerAttr(0), f.p.getI64IntegerAttr(-1));
}

LogicalResult proximalPolicy(TrainingFunction &f) {
  if (failed(needTokens(f)))
    return failure();
  Value mask = f.addTokensInput("completion_mask"), old = f.addInput("old_logp", f.floatsType(2)),
        reference = f.addInput("ref_logp", f.floatsType(2)), values = f.addInput("values", f.floatsType(2)),
        scores = f.addInput("scores", f.floatsType(1));
  Value labels = f.shifted(f.labelsWhere(mask, f.tokens()));
  FailureOr<Value> all = f.labelLogp(labels);
  if (failed(all))
    return failure();
  Value logp = withoutLast(f, *all);
  // Which predictions are of the answer.
  Value counts = xf::CompareOp::create(f.p, xf::CompareKind::Ne, withoutLast(f, labels), f.p.integer(-100));
  counts = xf::CastOp::create(f.p, f.tokensType(), counts);
  auto number = [&](double value) { return f.p.getF64FloatAttr(value); };
  Value rewards =
      train::KlRewardsOp::create(f.p, f.floatsType(2), scores, old, reference, counts, number(f.options.klBeta));
  auto gae = train::GaeOp::create(f.p, f.floatsType(2), f.floatsType(2), rewards, values, counts,
                                  number(f.options.gamma), number(f.options.gaeLambda));
  Value white = train::WhitenOp::create(f.p, f.floatsType(2), gae.getAdvantages(), counts, number(1e-8));
  auto loss =
      train::PpoLossOp::create(f.p, f.floatsType(0), f.floatsType(0), logp, old, white, counts, number(f.options.clip));
  f.finish({{"loss", loss.getSum()}, {"count", loss.getCount()}, {"advantages", gae.getAdvantages()}});
  return success();
}

} // namespace ph
