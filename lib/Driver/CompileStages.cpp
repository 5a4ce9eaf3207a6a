#include "CompileStages.h"

#include <cstdio>

namespace ph {

StageTimer::StageTimer(CompileRecord &record, std::string name, bool verbose)
    : record(record), index(record.stages.size()), verbose(verbose) {
  record.stages.push_back({std::move(name)});
}

StageTimer::~StageTimer() {
  CompileStage &stage = record.stages[index];
  stage.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (verbose)
    std::fprintf(stderr, "phc: %-10s %7.3f s\n", stage.name.c_str(), stage.seconds);
}

} // namespace ph
