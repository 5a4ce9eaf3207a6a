#include "runtime/training/loop/RunTraining.h"
#include "runtime/devices/Memory.h"
#include "runtime/training/loop/Trainer.h"
#include <filesystem>

namespace ph::training {

/// The path of a model beside the configuration, if there is one; else a name, or a path from here.
static std::string modelPath(const TrainingConfig &config, const std::string &name) {
  const std::string path = config.resolve(name);
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path : name;
}

static std::string summary(const TrainingResult &result, const std::string &folder) {
  char text[120];
  std::snprintf(text, sizeof text, "%lld steps, loss %.4f", static_cast<long long>(result.steps), result.loss);
  std::string line = text;
  if (result.evalLoss) {
    std::snprintf(text, sizeof text, ", evaluation loss %.4f", *result.evalLoss);
    line += text;
  }
  std::snprintf(text, sizeof text, ", %.1f s, ", result.seconds);
  return line + text + formatBytes(peakResidentBytes()) + " at most; the result is in " + folder;
}

Status runTraining(const TrainingRun &run, const TrainingParts &parts) {
  auto config = readTrainingConfig(run.config);
  if (!config)
    return config.error();
  config->baseModel = modelPath(*config, config->baseModel);
  if (!config->teacher.empty())
    config->teacher = modelPath(*config, config->teacher);
  if (config->exampleKind() == ExampleKind::Prompt)
    config->rewardModel = modelPath(*config, config->rewardModel);
  std::optional<OutputFolder> output;
  if (!run.dryRun) {
    auto opened = OutputFolder::open(config->resolve(config->outputDir), run.resume);
    if (!opened)
      return opened.error();
    output.emplace(std::move(*opened));
  }
  auto metadata = parts.openText(config->baseModel);
  if (!metadata)
    return metadata.error();
  auto tokenizer = Tokenizer::create(**metadata);
  if (!tokenizer)
    return tokenizer.error();
  auto chat = ChatFormat::of(**metadata);
  if (!chat)
    return chat.error();
  const ResumePoint *point = output && output->resumePoint() ? &*output->resumePoint() : nullptr;
  const std::time_t started = point ? point->state.started : std::time(nullptr);
  auto data = readTrainingData(*config, **metadata, **tokenizer, *chat, started);
  if (!data)
    return data.error();
  parts.say(data->report.describe(data->examples.size()));
  if (data->test)
    parts.say("test_datasets: " + data->testReport.describe(data->test->size()));
  auto engine = parts.makeEngine(*config, **tokenizer);
  if (!engine)
    return engine.error();
  if (data->outputs && (*engine)->outputs() && data->outputs != (*engine)->outputs())
    return Error{ErrorCode::BadModel, config->baseModel + ": config.json speaks of " + std::to_string(data->outputs) +
                                          " labels (id2label, num_labels), but the model gives " +
                                          std::to_string((*engine)->outputs()) + " numbers"};
  Trainer trainer(*config, *data, **engine, started);
  trainer.say = parts.say;
  auto needs = trainer.estimate(run.dryRun);
  if (!needs)
    return needs.error();
  parts.say(*needs);
  if (run.dryRun)
    return {};
  auto result = trainer.run(*output);
  if (!result)
    return result.error();
  parts.say(summary(*result, output->path()));
  return {};
}

} // namespace ph::training
