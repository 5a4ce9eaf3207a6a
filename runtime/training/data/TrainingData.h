// The data of a training: what is learned, and what is held out.
#pragma once
#include "runtime/training/data/EpochOrder.h"
#include "runtime/training/data/MaskTokens.h"

namespace ph::training {

struct TrainingData {
  ExampleSet examples;
  std::optional<ExampleSet> test; ///< of test_datasets
  Split split;                    ///< of examples; all of `test` where that is given
  DataReport report, testReport;
  int32_t padding = 0; ///< a token for places that don't count
  std::optional<TokenMasker> masker;
  int64_t outputs = 0; ///< numbers that the model must give of a text; 0 without labels

  const ExampleSet &validationSet() const { return test ? *test : examples; }
  /// Tells data apart: of both sets.
  std::string digest() const;
};

/// Reads all data sets of a configuration. `metadata` are the model's; `started` is when the training began. Errors:
/// those of ExampleSet::read, splitExamples, LabelReader::create and TokenMasker::create.
Expected<TrainingData> readTrainingData(const TrainingConfig &config, const GgufFile &metadata,
                                        const Tokenizer &tokenizer, const ChatFormat &chat, std::time_t started);

} // namespace ph::training
