// ph run and ph chat, which compiled programs (phc --emit=exe) are too.
#pragma once
#include "runtime/base/Error.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include <string>

namespace ph::tool {

struct RunOptions {
  std::string prompt, system;
  int64_t tokens = -1;
  bool raw = false, json = false;
  RunFlags flags;
  SamplingFlags sampling{{.temperature = 0}};
  void addTo(CLI::App &command, bool promptRequired);
};
/// Generates from one prompt with the artifact at `path`.
Status run(const RunOptions &options, const std::string &path);

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
