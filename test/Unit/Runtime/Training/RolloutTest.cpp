#include "runtime/training/engine/Rollout.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::training;

namespace {

constexpr int64_t vocabulary = 4;

HostTensor floats(std::vector<int64_t> shape, std::vector<float> values) {
  return HostTensor::ofFloats(std::move(shape), values);
}

/// Models of four tokens: the next one is 1 with three in four, or 2, but 3 behind a 2. Scores count a row's ones.
RolloutModels models() {
  auto next = [](const Batch &batch) -> Expected<RolloutModels::Results> {
    std::vector<float> logits;
    for (int32_t token : batch.tokens)
      for (int32_t v = 0; v < vocabulary; ++v)
        logits.push_back(token == 2 ? (v == 3 ? 0.0f : -100.0f) : std::log(v == 1 ? 0.75f : v == 2 ? 0.25f : 1e-30f));
    return RolloutModels::Results{{"logits", floats({batch.rows, batch.length, vocabulary}, logits)}};
  };
  auto places = [](float value) {
    return [value](const Batch &batch) -> Expected<RolloutModels::Results> {
      const std::vector<float> all(size_t(batch.rows * batch.length), value);
      return RolloutModels::Results{{"logp", floats({batch.rows, batch.length}, all)},
                                    {"values", floats({batch.rows, batch.length}, all)}};
    };
  };
  auto reward = [](const Batch &batch) -> Expected<RolloutModels::Results> {
    std::vector<float> ones(size_t(batch.rows), 0.0f);
    for (size_t i = 0; i < batch.tokens.size(); ++i)
      ones[i / size_t(batch.length)] += batch.documents[i] && batch.tokens[i] == 1 ? 1.0f : 0.0f;
    return RolloutModels::Results{{"logits", floats({batch.rows, 1}, ones)}};
  };
  return {next, places(-1), places(-2), reward};
}

/// Prompts of one and two zeros.
Batch prompts() {
  Batch batch;
  batch.rows = 2;
  batch.length = 2;
  batch.tokens = {0, 9, 0, 0};
  batch.labels.assign(4, ignoredLabel);
  batch.positions = {0, 0, 0, 1};
  batch.documents = {1, 0, 1, 1};
  batch.real = 3;
  batch.examples = {0, 1};
  return batch;
}

} // namespace

TEST(Rollout, DrawsAnswersBehindPrompts) {
  auto rolled = rollOut(prompts(), {.length = 3, .end = 3, .padding = 9, .seed = 1}, models());
  ASSERT_TRUE(rolled) << rolled.error().message;
  const Batch &batch = rolled->batch;
  int64_t labelled = 0, ones = 0;
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t i = 0; i < batch.length; ++i) {
      const auto at = size_t(row * batch.length + i);
      const bool prompt = i < row + 1, real = batch.documents[at] != 0;
      EXPECT_EQ(batch.labels[at], real && !prompt ? batch.tokens[at] : ignoredLabel);
      EXPECT_EQ(batch.tokens[at] == 9, !real);
      EXPECT_EQ(batch.positions[at], real ? int32_t(i) : 0);
      EXPECT_TRUE(!real || i == 0 || batch.tokens[at - 1] != 3); // nothing behind the end
      EXPECT_TRUE(!real || prompt || (batch.tokens[at - 1] == 2) == (batch.tokens[at] == 3));
      labelled += real && !prompt;
      ones += real && batch.tokens[at] == 1;
    }
  EXPECT_EQ(batch.labelled, labelled);
  EXPECT_EQ(batch.real, 3 + labelled);
  EXPECT_EQ(rolled->meanScore, double(ones) / 2);
  EXPECT_EQ(rolled->inputs.at("old_logp").floats()[0], -1);
  EXPECT_EQ(rolled->inputs.at("reference_logp").floats()[0], -2);
  EXPECT_EQ(rolled->inputs.at("scores").shape, (std::vector<int64_t>{2}));
  // A function of seed and number.
  auto again = rollOut(prompts(), {.length = 3, .end = 3, .padding = 9, .seed = 1}, models());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->batch.tokens, batch.tokens);
}

TEST(Rollout, DrawsWithTheProbabilitiesOfTheModel) {
  int64_t ones = 0, cold = 0;
  constexpr int64_t trials = 1000;
  for (int64_t i = 0; i < trials; ++i) {
    Batch batch = prompts();
    batch.number = uint64_t(i);
    auto rolled = rollOut(batch, {.length = 1, .seed = 7}, models());
    auto sure = rollOut(batch, {.length = 1, .temperature = 0.1, .seed = 7}, models());
    ASSERT_TRUE(rolled && sure);
    ones += rolled->batch.tokens[1] == 1;
    cold += sure->batch.tokens[1] == 1;
  }
  EXPECT_NEAR(double(ones) / trials, 0.75, 5 * std::sqrt(0.75 * 0.25 / trials));
  EXPECT_EQ(cold, trials); // 3^10 to 1
}

TEST(Rollout, RefusesWhatIsNoReward) {
  RolloutModels wrong = models();
  wrong.reward = [](const Batch &batch) -> Expected<RolloutModels::Results> {
    return RolloutModels::Results{{"logits", floats({batch.rows, 2}, {1, 2, 3, 4})}};
  };
  auto rolled = rollOut(prompts(), {.length = 1}, wrong);
  ASSERT_FALSE(rolled);
  EXPECT_EQ(rolled.error().message, "reward_model: gives 2 numbers of a text, not one");
  wrong.reward = [](const Batch &batch) -> Expected<RolloutModels::Results> {
    return RolloutModels::Results{{"logits", floats({batch.rows, 1}, {1, NAN})}};
  };
  EXPECT_FALSE(rollOut(prompts(), {.length = 1}, wrong));
}
