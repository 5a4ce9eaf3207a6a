// Weights that are read again and again.
#pragma once
#include "powerhouse/Reference/WeightProvider.h"

namespace ph::proof {

/// Keeps what `source` gave, up to 512 MB.
std::unique_ptr<reference::WeightProvider> rememberWeights(std::unique_ptr<reference::WeightProvider> source);

/// The weights that functions from before a pass see so that they give what `after` gives, if the pass only stores them
/// otherwise: those of the same names around `after`, as they are stored there, to be run with exactWeights. Reading
/// fails where a value moves by more than what the new format explains: a step, which is the range of a block by how
/// many steps codes have; of a float the last bit.
std::unique_ptr<reference::WeightProvider> takeWeightsOf(mlir::func::FuncOp after, reference::WeightProvider &source);

} // namespace ph::proof
