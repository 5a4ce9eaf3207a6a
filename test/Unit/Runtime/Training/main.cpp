// toy-train [--pause MICROSECONDS] [--dry-run] CONFIG [--resume [FOLDER]]: trains the toy engine on data of a
// configuration.
#include "SmallTokenizer.h"
#include "ToyEngine.h"
#include "runtime/base/Interrupt.h"
#include "runtime/training/loop/Trainer.h"
#include <cstdio>
#include <cstdlib>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

static Status train(int argc, char **argv) {
  std::optional<std::string> resume;
  ToyEngine engine(270);
  bool dryRun = false;
  std::string configPath;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i], next = i + 1 < argc ? argv[i + 1] : "";
    if (argument == "--resume") {
      const bool hasFolder = !next.empty() && !next.starts_with("--");
      resume = hasFolder ? next : "";
      i += hasFolder;
    } else if (argument == "--pause") {
      engine.pauseMicroseconds = unsigned(std::atoi(next.c_str()));
      ++i;
    } else if (argument == "--dry-run") {
      dryRun = true;
    } else {
      configPath = argument;
    }
  }
  auto config = readTrainingConfig(configPath);
  if (!config)
    return config.error();
  auto output = OutputFolder::open(config->resolve(config->outputDir), resume);
  if (!output)
    return output.error();
  const SmallTokenizer small;
  const auto &point = output->resumePoint();
  auto data =
      readTrainingData(*config, *small.tokenizer, small.chat, point ? point->state.started : std::time(nullptr));
  if (!data)
    return data.error();
  std::fprintf(stderr, "%s\n", data->report.describe(data->examples.size()).c_str());
  Trainer trainer(*config, *data, engine, *output);
  trainer.say = [](const std::string &line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  if (dryRun) {
    auto text = trainer.estimate();
    if (!text)
      return text.error();
    std::printf("%s", text->c_str());
    return {};
  }
  auto result = trainer.run();
  return result ? Status() : Status(result.error());
}

int main(int argc, char **argv) {
  handleInterrupts(OnInterrupt::Flag);
  if (auto e = train(argc, argv)) {
    std::fprintf(stderr, "toy-train: error: %s\n", e.error().message.c_str());
    return int(e.error().code);
  }
  return 0;
}
