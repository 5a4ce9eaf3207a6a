// Weights that are read again and again.
#pragma once
#include "powerhouse/Reference/WeightProvider.h"

namespace ph::proof {

/// Keeps what `source` gave, up to 512 MB.
std::unique_ptr<reference::WeightProvider> rememberWeights(std::unique_ptr<reference::WeightProvider> source);

} // namespace ph::proof
