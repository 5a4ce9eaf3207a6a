// Weights of a real checkpoint for the interpreter.
#pragma once
#include "powerhouse/Reference/WeightProvider.h"

namespace ph {

/// Opens a checkpoint of any format that the importer reads, or a safetensors file with the sources of weights by name.
/// Errors: as openSource's.
Expected<std::unique_ptr<reference::WeightProvider>> openWeights(const std::string &path);

} // namespace ph
