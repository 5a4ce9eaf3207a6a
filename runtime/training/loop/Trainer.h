// The training loop.
#pragma once
#include "runtime/base/StatusLine.h"
#include "runtime/training/Schedule.h"
#include "runtime/training/TrainingEngine.h"
#include "runtime/training/data/TrainingData.h"
#include "runtime/training/loop/OutputFolder.h"
#include "runtime/training/loop/TrainingLog.h"
#include <functional>

namespace ph::training {

/// What training came to.
struct TrainingResult {
  int64_t steps = 0;
  double loss = 0; ///< of the last step
  std::optional<double> evalLoss;
  double seconds = 0; ///< of this run
};

/// Steps of a training, and how many of them each epoch has.
struct StepCounts {
  int64_t total = 0;
  std::vector<int64_t> perEpoch; ///< of the epochs that are gone through, at least in part
};

/// Runs an engine over data. One step is gradient_accumulation_steps micro-batches, fewer at an epoch's end, whose
/// gradients are divided by the number of tokens (or pairs) that count in all of them. After a resume the same losses
/// come, bit for bit, as without the break.
class Trainer {
public:
  /// `started` is when the training began.
  Trainer(const TrainingConfig &config, const TrainingData &data, TrainingEngine &engine, std::time_t started)
      : config(config), data(data), engine(engine) {
    state.started = started;
  }

  /// What is said on the way (a line without its end); by default nothing.
  std::function<void(const std::string &)> say = [](const std::string &) {};

  /// Trains to the end, with log and checkpoints in `output`, from where its resumePoint is. Once. Errors: Failed for a
  /// loss that is no number, naming the step and where its examples are written; Interrupted after Ctrl-C, with a
  /// checkpoint of the last whole step; Usage if a resumed checkpoint is of other data or settings; Disk and those of
  /// the engine.
  Expected<TrainingResult> run(OutputFolder &output);
  /// How many steps there are.
  StepCounts countSteps() const;
  /// Memory of the whole training, and its time if that is to be measured, as lines of text. Errors: those of
  /// TrainingEngine::estimate.
  Expected<std::string> estimate(bool measure);

private:
  Status start();
  Status rememberStart();
  Status checkResumed(const TrainerState &saved) const;
  Status runEpoch();
  Status runStep(const EpochOrder &order, bool lastOfEpoch);
  Expected<LossSum> accumulate(const EpochOrder &order, TrainerState &next);
  Expected<double> evaluate();
  Status save();
  void showStatus(const LogLine &line);
  EpochOrder orderOf(int64_t epoch) const;
  int64_t stepsIn(const EpochOrder &order) const;

  const TrainingConfig &config;
  const TrainingData &data;
  TrainingEngine &engine;
  OutputFolder *output = nullptr;
  TrainerState state;
  StepCounts counts;
  Schedule schedule;
  std::optional<TrainingLog> log;
  TrainingResult result;
  StatusLine status;
  LossSum scores; ///< of the answers that the step drew
  int64_t savedStep = -1;
  double secondsOfSteps = 0; ///< of this run
  int64_t stepsOfRun = 0;
};

} // namespace ph::training
