#include "tools/ph/Flags.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>

namespace ph::tool {

void RunFlags::add(CLI::App &command, bool withContext) {
  if (withContext)
    command.add_option("-c,--context", context, "positions of the context; default: what the text needs")
        ->check(CLI::Range(int64_t(1), int64_t(INT32_MAX) - 63));
  command.add_option("-t,--threads", threads, "threads; default: one per CPU")->check(CLI::Range(1, Team::kMaxThreads));
  command
      .add_option("-b,--batch", chunk,
                  "most tokens of one step of prefill; larger chunks cost memory, beyond some 256 they\n"
                  "gain nothing")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  if (!command.get_option_no_throw("--adapter"))
    command.add_option("--adapter", adapter, "the name of an adapter that the artifact holds; default: none");
  command.add_flag("--mmap", map, "map the weights instead of reading them: less memory, slower");
}

void SamplingFlags::add(CLI::App &command) {
  command.add_option("--temp", options.temperature, "temperature; 0 takes the likeliest token")
      ->check(CLI::Range(0.0F, 100.0F))
      ->capture_default_str();
  command.add_option("--top-k", options.topK, "choose among the k likeliest; 0: all")
      ->check(CLI::Range(0, std::numeric_limits<int>::max()))
      ->capture_default_str();
  command.add_option("--top-p", options.topP, "choose among the likeliest that have this probability together")
      ->check(CLI::Range(1e-6F, 1.0F, "above 0, at most 1"))
      ->capture_default_str();
  command.add_option("--min-p", options.minP, "choose among those with this fraction of the likeliest's probability")
      ->check(CLI::Range(0.0F, 1.0F))
      ->capture_default_str();
  command.add_option("--repeat-penalty", options.repeatPenalty, "makes recent tokens less likely; 1: off")
      ->check(CLI::Range(0.01F, 100.0F))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "of the random numbers")->capture_default_str();
}

Expected<std::string> readFile(const std::string &path) {
  FILE *file = path == "-" ? stdin : std::fopen(path.c_str(), "rbe");
  if (!file)
    return Error{ErrorCode::Failed, path + ": could not open it: " + std::strerror(errno)};
  std::string text;
  char part[1 << 16];
  for (size_t n; (n = std::fread(part, 1, sizeof part, file)) != 0;)
    text.append(part, n);
  const bool failed = std::ferror(file) != 0;
  const int reason = errno;
  if (file != stdin)
    std::fclose(file);
  if (failed)
    return Error{ErrorCode::Failed, path + ": could not read it: " + std::strerror(reason)};
  return text;
}

} // namespace ph::tool
