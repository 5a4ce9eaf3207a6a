// Objectives on pairs of answers: both go through the model in one batch, the chosen ones first.
#include "dialects/Transformer/Broadcast.h"
#include "lib/Training/Objectives.h"
#include "lib/Training/Pairs.h"

using namespace mlir;

namespace ph {
namespace {

/// Lets the model read both answers; false if it reads no tokens. `padded` keeps what says which tokens are padding,
/// of both.
bool readPairs(TrainingFunction &f, Value &chosen, Value &rejected, bool padded = false) {
  if (!f.tokens())
    return false;
  chosen = f.addTokensInput("chosen");
  rejected = f.addTokensInput("rejected");
  f.replaceTokens([&](Primitives &p) { return xf::ConcatOp::create(p, ValueRange{chosen, rejected}, 0).getResult(); },
                  padded);
  return true;
}

LogicalResult noTokens(TrainingFunction &f) {
  return f.function.emitOpError() << "reads no tokens, which '" << f.options.objective << "' needs";
}

/// The log-probabilities of the answers in sequences, and their tokens, each [rows].
FailureOr<train::SequenceLogpOp> answerLogp(TrainingFunction &f, Value tokens, Value mask) {
  Value labels = f.shifted(f.labelsWhere(mask, tokens));
  FailureOr<Value> logp = f.labelLogp(labels);
  if (failed(logp))
    return failure();
  Value counts = xf::CastOp::create(f.p, f.tokensType(), f.p.compare(xf::CompareKind::Ne, labels, f.p.integer(-100)));
  return train::SequenceLogpOp::create(f.p, f.floatsType(1), f.floatsType(1), *logp, counts);
}

/// Of the sequences NAME, where NAME_mask says which tokens are the answer's.
FailureOr<Value> answerLogp(TrainingFunction &f, StringRef name) {
  if (!f.tokens()) {
    (void)noTokens(f);
    return failure();
  }
  Value tokens = f.addTokensInput(name);
  f.replaceTokens([&](Primitives &) { return tokens; });
  FailureOr<train::SequenceLogpOp> sums = answerLogp(f, tokens, f.addTokensInput((name + "_mask").str()));
  return failed(sums) ? FailureOr<Value>(failure()) : FailureOr<Value>(sums->getSum());
}

} // namespace

FailureOr<Pairs> logpOfPairs(TrainingFunction &f) {
  Value chosen, rejected;
  if (!readPairs(f, chosen, rejected)) {
    (void)noTokens(f);
    return failure();
  }
  Value ofChosen = f.addTokensInput("chosen_mask"), ofRejected = f.addTokensInput("rejected_mask");
  Value mask = f.concat({ofChosen, ofRejected}, 0), tokens = f.concat({chosen, rejected}, 0);
  FailureOr<train::SequenceLogpOp> made = answerLogp(f, tokens, mask);
  if (failed(made))
    return failure();
  train::SequenceLogpOp sums = *made;
  Value means = f.p.div(sums.getSum(), sums.getCount());
  return Pairs{f.half(sums.getSum(), 0),   f.half(sums.getSum(), 1), f.half(sums.getCount(), 0),
               f.half(sums.getCount(), 1), f.half(means, 0),         f.half(means, 1)};
}

namespace {

FloatAttr number(TrainingFunction &f, double value) { return f.p.getF64FloatAttr(value); }
Type scalar(TrainingFunction &f) { return f.floatsType(0); }

Value reference(TrainingFunction &f, StringRef name) { return f.addInput(name, f.floatsType(1)); }

template <class Loss> LogicalResult finish(TrainingFunction &f, Loss loss, const Pairs &pairs) {
  f.finish({{"loss", loss.getSum()},
            {"count", loss.getCount()},
            {"policy_chosen_logp", pairs.chosen},
            {"policy_rejected_logp", pairs.rejected}});
  return success();
}

} // namespace

LogicalResult rewardOfPairs(TrainingFunction &f) {
  Value chosen, rejected;
  // The score is that of the last token, which padding is not.
  if (!readPairs(f, chosen, rejected, /*padded=*/true))
    return noTokens(f);
  Value logits = f.result("logits");
  if (!logits || xf::shapeOf(logits).size() != 2 || xf::shapeOf(logits).back() != 1)
    return f.function.emitOpError() << "gives no single score of a sequence, which 'reward' needs";
  Value scores = f.reshaped(logits, {-1});
  auto loss = train::RewardLossOp::create(f.p, scalar(f), scalar(f), f.half(scores, 0), f.half(scores, 1), Value());
  f.finish({{"loss", loss.getSum()}, {"count", loss.getCount()}});
  return success();
}

LogicalResult directPreference(TrainingFunction &f) {
  FailureOr<Pairs> pairs = logpOfPairs(f);
  if (failed(pairs))
    return failure();
  return finish(f,
                train::DpoLossOp::create(f.p, scalar(f), scalar(f), pairs->chosen, pairs->rejected,
                                         reference(f, "ref_chosen_logp"), reference(f, "ref_rejected_logp"),
                                         number(f, f.options.beta), FloatAttr()),
                *pairs);
}

LogicalResult identityPreference(TrainingFunction &f) {
  FailureOr<Pairs> pairs = logpOfPairs(f);
  if (failed(pairs))
    return failure();
  Primitives &p = f.p;
  auto mean = [&](Value sum, Value count) { return p.div(sum, count); };
  return finish(f,
                train::IpoLossOp::create(p, scalar(f), scalar(f), pairs->chosenMean, pairs->rejectedMean,
                                         mean(reference(f, "ref_chosen_logp"), pairs->chosenTokens),
                                         mean(reference(f, "ref_rejected_logp"), pairs->rejectedTokens),
                                         number(f, f.options.beta)),
                *pairs);
}

LogicalResult simplePreference(TrainingFunction &f) {
  FailureOr<Pairs> pairs = logpOfPairs(f);
  if (failed(pairs))
    return failure();
  Primitives &p = f.p;
  return finish(f,
                train::SimpoLossOp::create(p, scalar(f), scalar(f), pairs->chosenMean, pairs->rejectedMean,
                                           number(f, f.options.beta), number(f, f.options.margin)),
                *pairs);
}

LogicalResult oddsRatioPreference(TrainingFunction &f) {
  FailureOr<Pairs> pairs = logpOfPairs(f);
  if (failed(pairs))
    return failure();
  return finish(f,
                train::OrpoLossOp::create(f.p, scalar(f), scalar(f), pairs->chosen, pairs->rejected,
                                          pairs->chosenTokens, pairs->rejectedTokens,
                                          f.addInput("tokens_per_pair", f.floatsType(0)), number(f, f.options.lambda)),
                *pairs);
}

LogicalResult kahnemanTversky(TrainingFunction &f) {
  FailureOr<Pairs> pairs = logpOfPairs(f);
  if (failed(pairs))
    return failure();
  Primitives &p = f.p;
  Value policy = f.concat({pairs->chosen, pairs->rejected}, 0);
  Value ref = f.concat({reference(f, "ref_chosen_logp"), reference(f, "ref_rejected_logp")}, 0);
  Value baseline = f.addInput("z0", f.floatsType(0));
  auto ofHalf = [&](Value like, int64_t value) -> Value {
    return xf::BroadcastOp::create(p, p.integer(value),
                                   OpFoldResult(xf::DimOp::create(p, like, int64_t(0)).getResult()));
  };
  Value desirable = f.concat({ofHalf(pairs->chosen, 1), ofHalf(pairs->rejected, 0)}, 0);
  return finish(f,
                train::KtoLossOp::create(p, scalar(f), scalar(f), policy, ref, desirable, baseline,
                                         number(f, f.options.beta), FloatAttr(), FloatAttr()),
                *pairs);
}

LogicalResult kahnemanTverskyUnpaired(TrainingFunction &f) {
  FailureOr<Value> policy = answerLogp(f, "answers");
  if (failed(policy))
    return failure();
  Primitives &p = f.p;
  Value desirable = f.addInput("desirable", RankedTensorType::get({ShapedType::kDynamic}, p.getI32Type()));
  Value ref = reference(f, "ref_answers_logp"), baseline = f.addInput("z0", f.floatsType(0));
  auto loss =
      train::KtoLossOp::create(p, scalar(f), scalar(f), *policy, ref, desirable, baseline, number(f, f.options.beta),
                               number(f, f.options.desirableWeight), number(f, f.options.undesirableWeight));
  f.finish({{"loss", loss.getSum()}, {"count", loss.getCount()}, {"policy_answers_logp", *policy}});
  return success();
}

LogicalResult kahnemanTverskyBaseline(TrainingFunction &f) {
  FailureOr<Value> policy = answerLogp(f, "mismatched");
  if (failed(policy))
    return failure();
  Value z0 = train::KtoBaselineOp::create(f.p, f.floatsType(0), *policy, reference(f, "ref_mismatched_logp"));
  f.finish({{"z0", z0}, {"policy_mismatched_logp", *policy}});
  return success();
}

} // namespace ph
