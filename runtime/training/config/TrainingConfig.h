// What `ph train` is told: a file in YAML, with the names that axolotl gives its keys
// (https://docs.axolotl.ai/docs/config-reference.html) where it has them.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ph::training {

/// What an example is.
enum class ExampleKind {
  Text,     ///< tokens, some of which are learned
  Pair,     ///< two of them, of which the first is better
  Judged,   ///< an answer that is good or not
  Labelled, ///< a text and what is said of it: a class, several, or numbers
  Prompt    ///< what is to be answered
};

/// One file of examples.
struct DatasetConfig {
  std::string path;          ///< as the file says it, relative to the file's folder
  std::string type = "auto"; ///< a row of datasetTypes()
  std::string origin;        ///< "config.yml:7", for errors
  bool operator==(const DatasetConfig &other) const { return path == other.path && type == other.type; }
};

/// Values of all keys; the initial ones are the defaults. What each means is in the table (ConfigKeys.cpp).
struct TrainingConfig {
  std::string baseModel, outputDir = "./model-out";
  std::vector<DatasetConfig> datasets, testDatasets;
  double valSetSize = 0;
  int64_t sequenceLen = 512;
  bool samplePacking = false, padToSequenceLen = false, trainOnInputs = false, skipBadLines = false;
  std::string excessLengthStrategy = "drop";
  bool shuffle = true;

  int64_t microBatchSize = 1, gradientAccumulationSteps = 1, evalBatchSize = 0, maxSteps = 0;
  double numEpochs = 1;
  bool gradientCheckpointing = false;
  std::string recomputeBudget;
  int64_t seed = 42;

  double learningRate = 0;
  std::string lrScheduler = "cosine";
  int64_t warmupSteps = 0;
  double warmupRatio = 0, cosineMinLrRatio = 0, wsdDecayRatio = 0.1;

  std::string optimizer = "adamw";
  double weightDecay = 0, adamBeta1 = 0.9, adamBeta2 = 0.999, adamEpsilon = 1e-8, momentum = 0, maxGradNorm = 1;
  bool nesterov = false;
  bool bf16 = false, fp16 = false;
  std::string loss = "clm";
  double mlmProbability = 0.15;
  std::string teacher;
  double kdTemperature = 2;
  bool kdReverse = false;

  std::string adapter, loraModelDir;
  bool loadIn4bit = false;
  int64_t loraR = 8;
  double loraAlpha = 16, loraDropout = 0;
  std::vector<std::string> loraTargetModules;
  bool loraTargetLinear = false, peftUseDora = false, peftUseRslora = false;

  std::string rl;
  double rlBeta = 0.1, orpoAlpha = 0.1, simpoGamma = 0.5, ktoDesirableWeight = 1, ktoUndesirableWeight = 1;
  std::string rewardModel;
  int64_t responseLength = 32;
  double rolloutTemperature = 1, klCoef = 0.05, vfCoef = 0.1, gaeGamma = 1, gaeLambda = 0.95, clipRange = 0.2,
         clipRangeValue = 0.2;

  int64_t evalSteps = 0, saveSteps = 0, saveTotalLimit = 0;

  std::string folder; ///< of the file, which relative paths begin at; "" is the current one
  /// Whether the optimizer's state stays in a file.
  bool hasPagedState() const { return optimizer.starts_with("paged_"); }
  ExampleKind exampleKind() const;
  /// Whether the loss is one of a file.
  bool hasOwnLoss() const;
  /// Whether the loss is of words of a text that were hidden.
  bool masksTokens() const { return rl.empty() && !learnsRewards() && loss == "mlm"; }
  /// Whether a score of pairs is learned, and not read from another model.
  bool learnsRewards() const { return rewardModel == "true"; }
  /// `path` as it can be opened.
  std::string resolve(const std::string &path) const;
};

/// Reads `path`. Errors (Usage; Failed if it can't be read) name file, line and key: text that is no YAML, a key that
/// isn't known (with the nearest one) or is given twice, a value of another type or out of range, a required key that
/// is missing, keys that contradict each other.
Expected<TrainingConfig> readTrainingConfig(const std::string &path);
/// The same of text in memory; `name` stands for the path.
Expected<TrainingConfig> parseTrainingConfig(const std::string &text, const std::string &name);

} // namespace ph::training
