// The folder that a training writes to, and the checkpoints in it.
#pragma once
#include "runtime/base/Json.h"
#include "runtime/training/TrainingEngine.h"
#include <ctime>
#include <optional>

namespace ph::training {

/// Where a training is: all that decides what comes next, but for weights and optimizer.
struct TrainerState {
  int64_t step = 0;          ///< updates so far
  int64_t epoch = 0;         ///< whole ones
  int64_t stepInEpoch = 0;   ///< updates of the epoch that has begun
  uint64_t microBatches = 0; ///< so far
  uint64_t tokens = 0;       ///< so far, without padding
  std::time_t started = 0;   ///< when the training began: the time of chat templates
  uint64_t seed = 0;         ///< of Philox4x32-10; its counters follow from epoch and micro-batches
  std::string data;          ///< digest of all examples
  nlohmann::json config;     ///< configToJson

  std::string toJson() const;
  /// Errors: BadModel, naming the key.
  static Expected<TrainerState> parse(std::string_view text, const std::string &name);
};

/// A folder `checkpoint-<step>`.
struct Checkpoint {
  std::string folder;
  int64_t step = 0;
};

/// A checkpoint to go on from.
struct ResumePoint {
  Checkpoint checkpoint;
  TrainerState state;
};

/// The folder while a training has it: no other one can take it. Checkpoints appear in it whole or not at all.
class OutputFolder {
public:
  /// Makes the folder if it isn't there, and removes what a training left that was killed while it saved. `resume` is
  /// nothing to begin anew, "" for the latest checkpoint, or the folder of one. Errors: Usage (another training has it;
  /// it has checkpoints and nothing is to be resumed; there is none to resume), Disk, BadModel (a broken checkpoint).
  static Expected<OutputFolder> open(const std::string &path, const std::optional<std::string> &resume);
  OutputFolder(OutputFolder &&other) noexcept;
  OutputFolder &operator=(OutputFolder &&other) = delete;
  ~OutputFolder();

  const std::string &path() const { return folder; }
  const std::optional<ResumePoint> &resumePoint() const { return point; }
  std::string logPath() const { return folder + "/training.jsonl"; }

  /// Writes checkpoint-<state.step>: what the engine saves, and trainer_state.json. Then removes the oldest but for
  /// `keep` (0: none).
  Status save(const TrainerState &state, TrainingEngine &engine, int64_t keep);

private:
  OutputFolder() = default;
  std::string folder;
  std::optional<ResumePoint> point;
  int lock = -1;
};

/// The checkpoints in a folder, by step.
std::vector<Checkpoint> findCheckpoints(const std::string &folder);

} // namespace ph::training
