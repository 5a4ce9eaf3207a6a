// toy-train [--pause MICROSECONDS] [--dry-run] CONFIG [--resume [FOLDER]]: trains the toy engine on data of a
// configuration.
#include "SmallTokenizer.h"
#include "ToyEngine.h"
#include "runtime/base/Interrupt.h"
#include "runtime/training/loop/RunTraining.h"
#include <cstdio>
#include <cstdlib>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

static Status train(int argc, char **argv) {
  TrainingRun run;
  unsigned pause = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i], next = i + 1 < argc ? argv[i + 1] : "";
    if (argument == "--resume") {
      const bool hasFolder = !next.empty() && !next.starts_with("--");
      run.resume = hasFolder ? next : "";
      i += hasFolder;
    } else if (argument == "--pause") {
      pause = unsigned(std::atoi(next.c_str()));
      ++i;
    } else if (argument == "--dry-run") {
      run.dryRun = true;
    } else {
      run.config = argument;
    }
  }
  const SmallTokenizer small;
  TrainingParts parts;
  parts.openText = [&](const std::string &) -> Expected<const GgufFile *> { return &*small.metadata; };
  parts.makeEngine = [&](const TrainingConfig &, const Tokenizer &) -> Expected<std::unique_ptr<TrainingEngine>> {
    auto engine = std::make_unique<ToyEngine>(270);
    engine->pauseMicroseconds = pause;
    return std::unique_ptr<TrainingEngine>(std::move(engine));
  };
  parts.say = [](const std::string &line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  return runTraining(run, parts);
}

int main(int argc, char **argv) {
  handleInterrupts(OnInterrupt::Flag);
  if (auto e = train(argc, argv)) {
    std::fprintf(stderr, "toy-train: error: %s\n", e.error().message.c_str());
    return int(e.error().code);
  }
  return 0;
}
