// What the compiler is told of a training.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/training/config/TrainingConfig.h"
#include <string>

namespace ph::tool {

/// The options of phc's --training, as JSON. Errors (Usage) name a key whose value the compiler can't train yet.
Expected<std::string> compilerTrainingOptions(const training::TrainingConfig &config);

} // namespace ph::tool
