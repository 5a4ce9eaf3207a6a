// What a training loop needs of what computes: the one place where it meets compiled programs.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/training/Batch.h"
#include <functional>
#include <optional>

namespace ph::training {

/// A sum of losses and what it is the sum over: tokens (labels that count), or pairs. Means are made of sums of both
/// and never averaged, because micro-batches count differently.
struct LossSum {
  double sum = 0, count = 0;
  LossSum &operator+=(const LossSum &other) {
    sum += other.sum;
    count += other.count;
    return *this;
  }
  double mean() const { return sum / count; }
};

/// What became of one step.
struct UpdateResult {
  double gradientNorm = 0;         ///< of the mean gradient, before clipping
  bool skipped = false;            ///< an overflow of f16: nothing was changed but the scale of the loss
  std::optional<double> lossScale; ///< in f16: what the loss of this step was multiplied with
};

/// What a step needs.
struct TrainingEstimate {
  uint64_t memoryBytes = 0;   ///< that the engine plans
  uint64_t residentBytes = 0; ///< of these, what was filled before the first step
  double secondsPerBatch = 0; ///< of one micro-batch; 0 if it was not measured
  double secondsPerUpdate = 0;
};

/// Weights, gradients and the optimizer's state of one model, and the programs on them. All calls come from one thread,
/// one after the other. The same calls give the same bits: also those after a load of what save wrote.
class TrainingEngine {
public:
  virtual ~TrainingEngine() = default;

  virtual uint64_t parameters() const = 0;          ///< elements of all weights
  virtual uint64_t trainableParameters() const = 0; ///< of those that learn

  /// What was thought, on average, of the answers that the last addGradients drew; nothing where it draws none.
  virtual std::optional<double> meanScore() const { return std::nullopt; }

  /// How many numbers the model gives of a whole text; 0 where it gives none.
  virtual int64_t outputs() const { return 0; }

  /// Whether losses compare with the model as it was before training (DPO's reference). Then either rememberStart is
  /// called before anything else, or a load.
  virtual bool comparesWithStart() const { return false; }
  using NextBatch = std::function<Expected<std::optional<Batch>>()>;
  /// Computes what losses will need of the model that training begins with (of an adapter: the model without it), and
  /// keeps it by Batch::examples. `next` gives all examples, also those of evaluation, and at last nothing.
  virtual Status rememberStart(const NextBatch &next) { return {}; }

  /// Adds the gradient of the *sum* of this micro-batch's losses to the gradients that there are, and gives that sum.
  virtual Expected<LossSum> addGradients(const Batch &batch) = 0;
  /// Divides the gradients by `count` (of all micro-batches since the last update), clips and applies them, and makes
  /// them zero. `step` counts from 1 (for bias corrections).
  virtual Expected<UpdateResult> update(double learningRate, int64_t step, double count) = 0;
  /// Forgets the gradients that were added since the last update.
  virtual void dropGradients() = 0;
  /// The loss alone; changes nothing.
  virtual Expected<LossSum> evaluate(const Batch &batch) = 0;

  /// Writes trainable weights, the optimizer's state and what rememberStart keeps into an existing folder as
  /// safetensors, with files that reach the medium (writeSafetensors). There are no gradients at this time.
  virtual Status save(const std::string &folder) = 0;
  /// Reads them back. Errors: BadModel for files that are of another model or optimizer.
  virtual Status load(const std::string &folder) = 0;
  /// Writes the trained model or adapter, for others to use, into an existing folder.
  virtual Status exportResult(const std::string &folder) = 0;

  /// What training with micro-batches of this shape needs. Computes one or two of them, and an update with the rate 0,
  /// if the time is to be measured: weights stay as they are, but nothing is to be trained then. There are no gradients
  /// before.
  virtual Expected<TrainingEstimate> estimate(int64_t rows, int64_t length, bool measure) = 0;
};

} // namespace ph::training
