#include "tools/ph/Continuations.h"
#include <algorithm>
#include <cmath>

namespace ph::tool {
namespace {

constexpr size_t kBeams = 4;

int32_t likeliest(std::span<const float> logits) {
  return int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

struct Beam {
  std::vector<int32_t> ids;
  double score;
};

/// The best continuations of one beam by one id.
void extend(const Beam &beam, std::span<const float> logits, std::vector<Beam> &candidates) {
  const double most = logits[size_t(likeliest(logits))];
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - most);
  std::vector<int32_t> order(logits.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = int32_t(i);
  const size_t kept = std::min(kBeams, order.size());
  std::partial_sort(order.begin(), order.begin() + ptrdiff_t(kept), order.end(),
                    [&](int32_t a, int32_t b) { return logits[size_t(a)] > logits[size_t(b)]; });
  for (size_t i = 0; i < kept; ++i) {
    Beam &next = candidates.emplace_back(beam);
    next.ids.push_back(order[i]);
    next.score += logits[size_t(order[i])] - most - std::log(sum);
  }
}

} // namespace

Expected<std::vector<int32_t>> continueGreedily(const NextLogits &next, std::vector<int32_t> ids, size_t length) {
  while (ids.size() < length) {
    auto logits = next(ids);
    if (!logits)
      return logits.error();
    ids.push_back(likeliest(*logits));
  }
  return ids;
}

Expected<std::vector<int32_t>> continueByBeams(const NextLogits &next, const std::vector<int32_t> &start,
                                               size_t length) {
  std::vector<Beam> beams = {{start, 0}};
  while (beams[0].ids.size() < length) {
    std::vector<Beam> candidates;
    for (const Beam &beam : beams) {
      auto logits = next(beam.ids);
      if (!logits)
        return logits.error();
      extend(beam, *logits, candidates);
    }
    std::sort(candidates.begin(), candidates.end(), [](const Beam &a, const Beam &b) { return a.score > b.score; });
    candidates.resize(std::min(candidates.size(), kBeams));
    beams = std::move(candidates);
  }
  return beams[0].ids;
}

} // namespace ph::tool
