// What a policy writes to prompts, and what is thought of it.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/session/Program.h"
#include "runtime/training/Batch.h"
#include <functional>
#include <map>

namespace ph::training {

/// How answers are drawn.
struct RolloutRules {
  int64_t length = 0; ///< tokens of an answer, at most; 0: nothing is rolled out
  double temperature = 1;
  int32_t end = -1; ///< the token that ends an answer; -1: none does
  int32_t padding = 0;
  uint64_t seed = 0;
};

/// The models that a rollout asks.
struct RolloutModels {
  using Results = std::map<std::string, HostTensor>;
  using Call = std::function<Expected<Results>(const Batch &batch)>;
  Call next;              ///< the policy: `logits`, [rows, length, vocabulary]
  Call policy, reference; ///< `logp` and `values` of labels, [rows, length]
  Call reward;            ///< `logits`, [rows, 1]
};

/// Answers, and what PPO's loss takes of them: old_logp, reference_logp, old_values and scores.
struct Rollout {
  Batch batch;
  std::map<std::string, HostTensor> inputs;
  double meanScore = 0;
};

/// Answers prompts, each by a row of `prompts` without gaps: token by token from the whole text so far (there is no
/// cache), drawn with CounterRandom(seed, stream 6, Batch::number), number 2^24 row + position, until `end`. What was
/// drawn is labelled. Errors: those of the models; BadModel if they give something else; Failed for scores that are no
/// numbers.
Expected<Rollout> rollOut(const Batch &prompts, const RolloutRules &rules, const RolloutModels &models);

} // namespace ph::training
