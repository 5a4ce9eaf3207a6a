// A training from its configuration to its result: what `ph train` does, but for the engine and where models are.
#pragma once
#include "runtime/training/TrainingEngine.h"
#include "runtime/training/config/TrainingConfig.h"
#include <functional>
#include <memory>
#include <optional>

namespace ph {
class GgufFile;
class Tokenizer;
} // namespace ph

namespace ph::training {

/// What is asked for.
struct TrainingRun {
  std::string config;                ///< path of the file
  std::optional<std::string> resume; ///< as OutputFolder::open takes it
  bool dryRun = false;               ///< say what it needs, and write nothing
};

/// What it is done with.
struct TrainingParts {
  /// The metadata that hold tokenizer and chat template of a model; they outlive the training.
  std::function<Expected<const GgufFile *>(const std::string &model)> openText;
  /// The engine for a configuration, whose base_model is a path or a name by now. Called once the data are read.
  std::function<Expected<std::unique_ptr<TrainingEngine>>(const TrainingConfig &config, const Tokenizer &tokenizer)>
      makeEngine;
  /// Shows a line, without its end.
  std::function<void(const std::string &line)> say;
};

/// Reads configuration and data, and trains. Errors: those of readTrainingConfig, OutputFolder::open, readTrainingData,
/// Trainer::run and the parts; BadModel for a model without a tokenizer.
Status runTraining(const TrainingRun &run, const TrainingParts &parts);

} // namespace ph::training
