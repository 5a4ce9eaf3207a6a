// What a model says next, for comparing with what another program had it say.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace ph::tool {

/// The logits of the token after `ids`.
using NextLogits = std::function<Expected<std::vector<float>>(const std::vector<int32_t> &ids)>;

/// `start` continued to `length` ids, by the likeliest one each time.
Expected<std::vector<int32_t>> continueGreedily(const NextLogits &next, std::vector<int32_t> start, size_t length);

/// The same by beam search of width 4: of the continuations of that length the one with the largest sum of log
/// probabilities that the search finds. No id ends it.
Expected<std::vector<int32_t>> continueByBeams(const NextLogits &next, const std::vector<int32_t> &start,
                                               size_t length);

} // namespace ph::tool
