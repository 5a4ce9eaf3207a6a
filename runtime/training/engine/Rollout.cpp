#include "runtime/training/engine/Rollout.h"
#include "runtime/base/Philox.h"
#include <algorithm>
#include <cmath>

namespace ph::training {
namespace {

constexpr uint32_t rolloutStream = 6; // beside those of EpochOrder, new weights and MaskTokens

/// A token with the probability that its score gives it, found by a number from 0 to below 1.
int32_t draw(std::span<const float> logits, double temperature, double number) {
  const double most = double(*std::max_element(logits.begin(), logits.end()));
  double sum = 0;
  for (float logit : logits)
    sum += std::exp((double(logit) - most) / temperature);
  double left = number * sum;
  for (size_t i = 0; i + 1 < logits.size(); ++i) {
    left -= std::exp((double(logits[i]) - most) / temperature);
    if (left < 0)
      return int32_t(i);
  }
  return int32_t(logits.size()) - 1;
}

/// The same rows, longer by `more`.
Batch lengthened(const Batch &prompts, int64_t more, int32_t padding) {
  Batch batch = prompts;
  batch.length += more;
  const auto places = size_t(batch.rows * batch.length);
  batch.tokens.assign(places, padding);
  batch.labels.assign(places, ignoredLabel);
  batch.positions.assign(places, 0);
  batch.documents.assign(places, 0);
  for (int64_t row = 0; row < batch.rows; ++row) {
    const auto from = size_t(row * prompts.length), to = size_t(row * batch.length);
    for (size_t i = 0; i < size_t(prompts.length); ++i) {
      batch.tokens[to + i] = prompts.tokens[from + i];
      batch.positions[to + i] = prompts.positions[from + i];
      batch.documents[to + i] = prompts.documents[from + i];
    }
  }
  return batch;
}

/// The first `length` places of each row.
Batch shortened(const Batch &batch, int64_t length) {
  Batch part = batch;
  part.length = length;
  for (auto [all, some] : {std::pair(&batch.tokens, &part.tokens),
                           {&batch.labels, &part.labels},
                           {&batch.positions, &part.positions},
                           {&batch.documents, &part.documents}}) {
    some->clear();
    for (int64_t row = 0; row < batch.rows; ++row)
      some->insert(some->end(), all->begin() + row * batch.length, all->begin() + row * batch.length + length);
  }
  return part;
}

Expected<HostTensor> resultOf(Expected<RolloutModels::Results> results, const char *name, int64_t least) {
  if (!results)
    return results.error();
  const auto found = results->find(name);
  if (found == results->end() || found->second.elements() < least || found->second.elements() % least)
    return Error{ErrorCode::BadModel, std::string("a model gives no ") + name + " of a rollout"};
  return std::move(found->second);
}

} // namespace

Expected<Rollout> rollOut(const Batch &prompts, const RolloutRules &rules, const RolloutModels &models) {
  Batch batch = lengthened(prompts, rules.length, rules.padding);
  std::vector<int64_t> ends(size_t(batch.rows), 0);
  for (int64_t row = 0; row < batch.rows; ++row)
    while (ends[size_t(row)] < prompts.length && batch.documents[size_t(row * batch.length + ends[size_t(row)])] != 0)
      ++ends[size_t(row)];
  std::vector<bool> open(size_t(batch.rows), true);
  const CounterRandom random(rules.seed, rolloutStream, uint32_t(prompts.number));
  for (int64_t step = 0; step < rules.length && std::find(open.begin(), open.end(), true) != open.end(); ++step) {
    const int64_t length = *std::max_element(ends.begin(), ends.end());
    auto logits = resultOf(models.next(shortened(batch, length)), "logits", batch.rows * length);
    if (!logits)
      return logits.error();
    const int64_t vocabulary = logits->elements() / (batch.rows * length);
    for (int64_t row = 0; row < batch.rows; ++row) {
      if (!open[size_t(row)])
        continue;
      int64_t &end = ends[size_t(row)];
      const auto scores = logits->floats().subspan(size_t((row * length + end - 1) * vocabulary), size_t(vocabulary));
      const double number = double(random.bits(uint64_t(row) << 24 | uint64_t(end)) >> 11) / 9007199254740992.0;
      const int32_t token = draw(scores, rules.temperature, number);
      const auto place = size_t(row * batch.length + end);
      batch.tokens[place] = batch.labels[place] = token;
      batch.positions[place] = int32_t(end);
      batch.documents[place] = 1;
      ++batch.labelled;
      ++batch.real;
      ++end;
      open[size_t(row)] = token != rules.end;
    }
  }
  Rollout result;
  result.batch = shortened(batch, *std::max_element(ends.begin(), ends.end()));
  const int64_t places = result.batch.rows * result.batch.length;
  const struct {
    const RolloutModels::Call &call;
    const char *result, *input;
  } asked[] = {{models.policy, "logp", "old_logp"},
               {models.policy, "values", "old_values"},
               {models.reference, "logp", "reference_logp"}};
  for (const auto &[call, name, input] : asked) {
    auto values = resultOf(call(result.batch), name, places);
    if (!values)
      return values.error();
    values->shape = {result.batch.rows, result.batch.length};
    result.inputs[input] = std::move(*values);
  }
  auto scores = resultOf(models.reward(result.batch), "logits", result.batch.rows);
  if (!scores)
    return scores.error();
  if (scores->elements() != result.batch.rows)
    return Error{ErrorCode::BadModel, "reward_model: gives " + std::to_string(scores->elements() / result.batch.rows) +
                                          " numbers of a text, not one"};
  for (float score : scores->floats()) {
    if (!std::isfinite(score))
      return Error{ErrorCode::Failed, "reward_model: gives a score that is no number"};
    result.meanScore += double(score) / double(result.batch.rows);
  }
  scores->shape = {result.batch.rows};
  result.inputs["scores"] = std::move(*scores);
  return result;
}

} // namespace ph::training
