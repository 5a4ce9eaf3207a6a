#include "runtime/training/data/TrainingData.h"
#include <numeric>

namespace ph::training {

std::string TrainingData::digest() const { return examples.digest() + (test ? test->digest() : ""); }

Expected<TrainingData> readTrainingData(const TrainingConfig &config, const Tokenizer &tokenizer,
                                        const ChatFormat &chat, std::time_t started) {
  const PassageEncoder encoder(tokenizer, chat, {config.trainOnInputs, started});
  DataReport report, testReport;
  auto examples = ExampleSet::read(config, config.datasets, encoder, report);
  if (!examples)
    return examples.error();
  auto split = splitExamples(examples->size(), config.valSetSize, uint64_t(config.seed));
  if (!split)
    return split.error();
  const Vocabulary &vocabulary = tokenizer.vocabulary();
  TrainingData data{std::move(*examples), {}, std::move(*split), report, {}, 0};
  data.padding = vocabulary.padding != Vocabulary::none ? vocabulary.padding : std::max(vocabulary.eos, 0);
  if (config.testDatasets.empty())
    return data;
  auto test = ExampleSet::read(config, config.testDatasets, encoder, data.testReport);
  if (!test)
    return test.error();
  data.split.validation.resize(test->size());
  std::iota(data.split.validation.begin(), data.split.validation.end(), 0u);
  data.test = std::move(*test);
  data.test->setFirstId(data.examples.size());
  return data;
}

} // namespace ph::training
