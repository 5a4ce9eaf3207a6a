// A training engine whose computing is programs of a compiled model.
#pragma once
#include "runtime/session/Program.h"
#include "runtime/training/TrainingEngine.h"
#include "runtime/training/engine/Rollout.h"
#include "runtime/training/engine/StartValues.h"
#include "runtime/training/engine/TensorStore.h"
#include <functional>

namespace ph::training {

/// The programs of a training artifact, and what goes with them. What a tensor is for follows from which programs read
/// and change it (results that update an input), so that any optimizer works:
///
///   gradients: changed by @gradients. Zero at first and after each update.
///   weights: changed by @update and read by @gradients or @evaluate, but for single numbers.
///   state: what else @update changes: the optimizer's, and the scale of the loss.
///
/// All other inputs are of a call, by name:
///
///   tokens, labels, positions, documents   [rows, length] i32, as in Batch
///   attention_mask                         [rows, length] i32, 0 where there is padding
///   chosen, rejected                       [pairs, length] i32, the tokens of either half of the rows
///   answers, mismatched                    the same of answers, and of answers to other prompts
///   chosen_mask, ..., mismatched_mask      [pairs, length] i32, 0 where the label is ignored
///   desirable                              [answers] i32, 0 where an answer is not good
///   classes                                [rows] i32, the number of the text's class
///   targets                                [rows, numbers] f32, what is said of the text
///   ref_X                                  [pairs] f32, what @evaluate or @baseline gave as policy_X for the model
///   that
///                                          training begins with
///   z0                                     f32, what @baseline gives for the batch
///   tokens_per_pair                        f32, as in Batch
///   old_logp, old_values, reference_logp   [rows, length] f32, and scores, [rows]: of a rollout (Rollout.h)
///   teacher_logits                         [rows, length, vocabulary] f32, what the teacher gives for the batch
///   key                                    [2] i32 of @gradients, seed and Batch::number: for what is random
///   learning_rate, count                   f32 of @update
///   step                                   i32 of @update, from 1
///
/// and results that are looked at: `loss` (a sum) and `count` of @gradients and @evaluate, f32; `gradient_norm`, f32,
/// of @update, and `finite`, i1, which is 0 where it changed no weights. Where @gradients gives `logits`, those of the
/// last batch are written with the result (last_logits.safetensors).
struct TrainingPrograms {
  const Program *gradients = nullptr, *update = nullptr, *evaluate = nullptr;
  const Program *baseline = nullptr; ///< where the loss of a batch needs something of the batch first
  /// Of a policy that learns from what it writes: log-probabilities and values of labels; logits.
  const Program *act = nullptr, *rollout = nullptr;
};

/// A model that is learned from.
struct Teacher {
  const Program *program = nullptr; ///< of a batch → logits, [rows, length, vocabulary] or the same without gaps
  const uint8_t *weights = nullptr; ///< packed
  uint64_t bytes = 0;               ///< of these
};

struct ProgramEngineParts {
  TrainingPrograms programs;
  Teacher teacher;      ///< none, unless programs have an input teacher_logits
  Teacher reward;       ///< of a batch → logits, [rows, 1]; with rollouts
  RolloutRules rollout; ///< batches are prompts then
  Team *team = nullptr;
  const uint8_t *frozen = nullptr; ///< packed weights that don't learn
  uint64_t frozenBytes = 0, frozenParameters = 0;
  int64_t seed = 0;
  std::string pagedFolder; ///< where the optimizer's state is, as a file without a name; empty: in memory
  /// Writes the first value of a weight, and of what else doesn't begin as zeros, over the zeros that are there.
  std::function<Status(const std::string &name, std::span<uint8_t> bytes)> fill;
  /// The same for the model that losses compare with; null where that is the one that training begins with.
  std::function<Status(const std::string &name, std::span<uint8_t> bytes)> fillReference;
  /// Writes the result into a folder.
  std::function<Status(const std::string &folder, std::span<const SafetensorsTensor> weights)> exportResult;
};

class ProgramEngine final : public TrainingEngine {
public:
  /// Errors: BadModel for programs that don't fit each other or the names above, or if no weight learns; WontFit; those
  /// of `fill`.
  static Expected<std::unique_ptr<ProgramEngine>> create(ProgramEngineParts parts);

  uint64_t parameters() const override { return parts.frozenParameters + learning; }
  uint64_t trainableParameters() const override { return learning; }
  int64_t outputs() const override;
  std::optional<double> meanScore() const override { return score; }
  bool comparesWithStart() const override { return !starts.empty(); }
  Status rememberStart(const NextBatch &next) override;
  Expected<LossSum> addGradients(const Batch &batch) override;
  Expected<UpdateResult> update(double learningRate, int64_t step, double count) override;
  void dropGradients() override;
  Expected<LossSum> evaluate(const Batch &batch) override;
  Status save(const std::string &folder) override;
  Status load(const std::string &folder) override;
  Status exportResult(const std::string &folder) override;
  Expected<TrainingEstimate> estimate(int64_t rows, int64_t length, bool measure) override;

  TensorStore &tensors() { return store; }
  const std::vector<std::string> &weightNames() const { return weights; }
  const std::vector<std::string> &gradientNames() const { return gradients; }

private:
  explicit ProgramEngine(ProgramEngineParts parts) : parts(std::move(parts)) {}
  Status sortTensors();
  Status findStarts();
  Status checkCall(const Program &program) const;
  /// The programs that compute on batches.
  std::vector<const Program *> batchPrograms() const;
  using Fill = std::function<Status(const std::string &name, std::span<uint8_t> bytes)>;
  Status fillTensors(const std::vector<std::string> &names, const Fill &fill);
  Status rememberStart(const Batch &batch);
  /// The program that gives a result policy_X; null if none does.
  const Program *giverOf(const std::string &result) const;
  using Inputs = std::map<std::string, HostTensor>;
  /// `compared` is whether what the start gave is there; else zeros stand for it.
  Expected<Inputs> inputsOf(const Program &program, const Batch &batch, bool compared);
  Expected<std::vector<HostTensor>> call(const Program &program, const Inputs &inputs);
  Expected<HostTensor> teach(const Batch &batch);
  Status checkRollout();
  Status keepReference();
  /// Those that a program has packed.
  const uint8_t *weightsOf(const Program &program) const;
  /// Of a program on a batch alone, by the names of its results; with the weights to compare with instead of those that
  /// learn, if `compared`.
  Expected<Inputs> ask(const Program &program, const Batch &batch, bool compared = false);
  Expected<Batch> play(const Batch &prompts);
  Status checkTeacher() const;
  Expected<LossSum> loss(const Program &program, const Batch &batch);
  Status recordLogits(const std::string &folder);
  Expected<float> baselineOf(const Batch &batch);

  ProgramEngineParts parts;
  TensorStore store;
  std::vector<std::string> weights, state, gradients;
  uint64_t learning = 0;
  Inputs played; ///< what the last rollout gave
  std::optional<double> score;
  std::map<std::string, std::vector<uint8_t>, std::less<>> reference; ///< weights to compare rollouts with
  bool asReference = false;                                           ///< calls see these
  StartValues starts;                                                 ///< by names of inputs, ref_X
  std::optional<Batch> last; ///< that gradients were added of, where they give logits
  Region arena;              ///< of all calls; grows
};

} // namespace ph::training
