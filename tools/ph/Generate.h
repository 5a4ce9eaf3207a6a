// ph run and ph chat, which compiled programs (phc --emit=exe) are too.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/session/Generator.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include <string>

namespace ph::tool {

struct RunOptions {
  std::string prompt, system, image;
  int64_t tokens = -1;
  bool raw = false, json = false;
  RunFlags flags;
  SamplingFlags sampling{{.temperature = 0}};
  void addTo(CLI::App &command, bool promptRequired);
};
/// Generates from one prompt with the artifact at `path`.
Status run(const RunOptions &options, const std::string &path);

/// As run, of a model without a cache: an encoder-decoder, or one that reads an image.
Status runProgram(const RunOptions &options, Model &model);

/// Generates with `generate`, which gives its text to the sink, and prints it as it comes, or all as JSON. Where the
/// context became full, `contextAdvice` is said on stderr. Errors: those of `generate`, Interrupted, Disk.
Status generateAndPrint(const RunOptions &options, Model &model,
                        const std::function<Expected<Generation>(const TextSink &)> &generate,
                        const std::string &contextAdvice);

struct ChatOptions {
  std::string system;
  int64_t tokens = -1;
  bool json = false;
  RunFlags flags;
  SamplingFlags sampling{{.temperature = 0.7F, .topK = 40, .topP = 0.95F, .minP = 0.05F}};
  void addTo(CLI::App &command);
};
/// Reads turns from stdin until its end.
Status chat(const ChatOptions &options, const std::string &path);

} // namespace ph::tool
