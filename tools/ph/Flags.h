// Flags that several commands have.
#pragma once
#include "runtime/sampler/Sampler.h"
#include "runtime/session/MemoryPlan.h"
#include "runtime/session/Model.h"
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace ph::tool {

/// Rows of logits that scoring keeps at a time: enough for a fast step, 13 MB at a vocabulary of 49152.
inline constexpr int64_t kScoredRows = 64;

/// -c, -t, -b, --mmap, --adapter: how a model is run.
struct RunFlags {
  int64_t context = 0, chunk = SessionOptions().chunk;
  int threads = 0;
  bool map = false;
  std::string adapter;
  void add(CLI::App &command, bool withContext = true);
  ModelOptions model() const {
    return {threads, map ? WeightsPlacement::Map : WeightsPlacement::Auto, /*progress=*/true, /*text=*/true, adapter};
  }
};

/// --temp and the others.
struct SamplingFlags {
  SamplerOptions options;
  void add(CLI::App &command);
};

/// Reads a whole file, bytes as they are; "-" is standard input. Errors: Failed.
Expected<std::string> readFile(const std::string &path);

} // namespace ph::tool
