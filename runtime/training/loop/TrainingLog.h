// The log of a training: a JSON object a line, a line a step.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ph::training {

/// One step.
struct LogLine {
  int64_t step = 0; ///< from 1
  double epoch = 0; ///< that are done, with a fraction
  double loss = 0;  ///< mean over what counts in the step
  std::optional<double> evalLoss;
  std::optional<double> reward; ///< of the answers that were drawn, on average
  double learningRate = 0, gradientNorm = 0;
  std::optional<double> lossScale; ///< in f16
  bool skipped = false;            ///< the update, because f16 overflowed
  uint64_t tokens = 0;             ///< of all steps so far, without padding
  double seconds = 0;              ///< of this step
  double tokensPerSecond = 0;      ///< of this step
  uint64_t memoryBytes = 0;        ///< resident

  std::string toJson() const;
};

/// Appends lines to a file. Losses are written so that reading gives the same bits.
class TrainingLog {
public:
  /// Goes on with the log at `path` behind the line of step `keep`; later lines, which a training wrote before it was
  /// killed, go, and so does one that was cut off. Errors: Failed, Disk.
  static Expected<TrainingLog> open(const std::string &path, int64_t keep);
  TrainingLog(TrainingLog &&other) noexcept;
  TrainingLog &operator=(TrainingLog &&other) = delete;
  ~TrainingLog();
  Status write(const LogLine &line);

private:
  TrainingLog() = default;
  std::string path;
  int descriptor = -1;
};

/// The lines of a log, for `ph plot`. A last line that was cut off is left out. Errors: Failed, naming file and line.
Expected<std::vector<LogLine>> readTrainingLog(const std::string &path);

} // namespace ph::training
