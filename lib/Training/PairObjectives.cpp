// Objectives on pairs of answers: both go through the model in one batch, the chosen ones first.
#include "dialects/Transformer/Broadcast.h"
#include "lib/Training/Objectives.h"
#include "lib/Training/Pairs.h"

using namespace mlir;

namespace ph {
namespace {

/// Lets the model read both answers; false if it reads no tokens.
bool readPairs(TrainingFunction &f, Value &chosen, Value &rejected) {
  if (!f.tokens())
    return false;
  chosen = f.addTokensInput("chosen");
  rejected = f.addTokensInput("rejected");
  f.replaceTokens([&](Primitives &p) { return xf::ConcatOp::create(p, ValueRange{chosen, rejected}, 0).getResult(); });
  return true;
}

LogicalResult noTokens(TrainingFunction &f) {
  return f.function.emitOpError() << "reads no tokens, which '" << f.options.objective << "' needs";
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
  Value labels = f.shifted(f.labelsWhere(mask, tokens));
  FailureOr<Value> logp = f.labelLogp(labels);
  if (failed(logp))
    return failure();
  Value counts = xf::CastOp::create(f.p, f.tokensType(), f.p.compare(xf::CompareKind::Ne, labels, f.p.integer(-100)));
  auto sums = train::SequenceLogpOp::create(f.p, f.floatsType(1), f.floatsType(1), *logp, counts);
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
  if (!readPairs(f, chosen, rejected))
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
                                          pairs->chosenTokens, pairs->rejectedTokens, number(f, f.options.lambda)),
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

} // namespace ph
