#include "runtime/training/data/TrainingData.h"
#include <numeric>

namespace ph::training {

std::string TrainingData::digest() const { return examples.digest() + (test ? test->digest() : ""); }

Expected<TrainingData> readTrainingData(const TrainingConfig &config, const GgufFile &metadata,
                                        const Tokenizer &tokenizer, const ChatFormat &chat, std::time_t started) {
  const ExampleKind kind = config.exampleKind();
  // What is said of a whole text, or guessed within it, is so of the text as the model sees it later.
  const PassageEncoder encoder(tokenizer, chat,
                               {config.trainOnInputs && kind == ExampleKind::Text,
                                kind != ExampleKind::Labelled && !config.masksTokens(), kind == ExampleKind::Prompt,
                                started});
  LabelReader labels;
  if (kind == ExampleKind::Labelled) {
    auto created = LabelReader::create(metadata, config.loss);
    if (!created)
      return created.error();
    labels = std::move(*created);
  }
  std::optional<TokenMasker> masker;
  if (config.masksTokens()) {
    auto created = TokenMasker::create(tokenizer, config.mlmProbability, uint64_t(config.seed));
    if (!created)
      return created.error();
    masker = std::move(*created);
  }
  DataReport report, testReport;
  auto examples = ExampleSet::read(config, config.datasets, encoder, labels, report);
  if (!examples)
    return examples.error();
  auto split = splitExamples(examples->size(), config.valSetSize, uint64_t(config.seed));
  if (!split)
    return split.error();
  const Vocabulary &vocabulary = tokenizer.vocabulary();
  TrainingData data{std::move(*examples), {}, std::move(*split), report, {}, 0, std::move(masker), labels.outputs()};
  data.padding = vocabulary.padding != Vocabulary::none ? vocabulary.padding : std::max(vocabulary.eos, 0);
  if (config.testDatasets.empty())
    return data;
  auto test = ExampleSet::read(config, config.testDatasets, encoder, labels, data.testReport);
  if (!test)
    return test.error();
  data.split.validation.resize(test->size());
  std::iota(data.split.validation.begin(), data.split.validation.end(), 0u);
  data.test = std::move(*test);
  data.test->setFirstId(data.examples.size());
  return data;
}

} // namespace ph::training
