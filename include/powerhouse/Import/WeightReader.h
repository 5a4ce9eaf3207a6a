// Values of weights, read from a checkpoint: what packing must reproduce.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "powerhouse/Import/SourceModel.h"

namespace ph {

/// The values of layer `layer` of `weight` (0 if it isn't stacked), row after row: sources decoded as ggml does,
/// transformed and concatenated. Errors: BadModel if a source is missing or of another shape or an undecodable format.
Expected<std::vector<float>> readWeight(const SourceModel &model, xf::WeightOp weight, int64_t layer);

/// Where the bytes of one source of a weight are.
struct WeightPart {
  const SourceTensor *tensor = nullptr;
  xf::SourceAttr source;
  int64_t rows = 0; ///< of the tensor; the product of all dimensions but the last
};

/// The sources of layer `layer` of `weight`, in order, checked as readWeight does; they must be whole tensors.
Expected<std::vector<WeightPart>> findWeightParts(const SourceModel &model, xf::WeightOp weight, int64_t layer);

} // namespace ph
