// What the compiler is told of a training.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/training/config/TrainingConfig.h"
#include <string>
#include <vector>

namespace ph::tool {

/// The options of phc's --training, as JSON. Errors (Usage) name a key whose value the compiler can't train yet.
Expected<std::string> compilerTrainingOptions(const training::TrainingConfig &config, bool logits);

/// A regular expression of the modules that PEFT's `target_modules` names: each by its whole name or the end of it.
std::string moduleExpression(const std::vector<std::string> &modules);

} // namespace ph::tool
