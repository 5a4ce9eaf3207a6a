// What a compilation did, stage by stage: for --verbose and the report.
#pragma once
#include "powerhouse/Analysis/Cost.h"
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ph {

/// One stage or pass and the wall time it took.
struct CompileStage {
  std::string name;
  double seconds = 0;
  bool isPass = false; ///< part of a stage, listed under it
};

/// A buffer of activations in the arena; offset and bytes are for each row of a step.
struct ArenaEntry {
  std::string holder;
  int64_t offset = 0, bytes = 0, first = 0, last = 0;
};

/// What the report shows.
struct CompileRecord {
  std::vector<CompileStage> stages;
  int64_t codeBytes = 0;   ///< of the shared object
  int64_t weightBytes = 0; ///< packed
  int64_t sourceBytes = 0; ///< of the tensors in the source
  std::vector<ArenaEntry> arena;
  int64_t arenaPerRow = 0; ///< bytes of activations for each row of a step
  int64_t cachePerPosition = 0;
  analysis::ModelCost cost;        ///< with weights as the source stores them
  int64_t packedBytesPerToken = 0; ///< of weights, as a step reads them; 0 before they are planned
  std::string cacheType;
  std::vector<std::string> levels;
};

/// Times one stage; ends when it is dropped.
class StageTimer {
public:
  StageTimer(CompileRecord &record, std::string name, bool verbose);
  ~StageTimer();
  StageTimer(const StageTimer &) = delete;

private:
  CompileRecord &record;
  size_t index;
  bool verbose;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

} // namespace ph
