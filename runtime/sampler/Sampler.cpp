#include "runtime/sampler/Sampler.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

namespace ph {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// e^x for x ≤ 0, within 2 ulp, from basic arithmetic alone: libm's differ in the last bit from system to system.
double exponential(double x) {
  if (!(x > -700.0))
    return 0.0;
  const double n = std::floor(x * 1.4426950408889634 + 0.5);
  const double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10; // |r| ≤ ln 2 / 2
  double sum = 1.0;
  for (int k = 14; k >= 1; --k)
    sum = 1.0 + r * sum / k;
  return sum * std::bit_cast<double>(static_cast<uint64_t>(static_cast<int64_t>(n) + 1023) << 52);
}

/// The first index of the largest finite logit, or -1.
int32_t largest(std::span<const float> logits) {
  constexpr size_t lanes = 16;
  float best[lanes];
  std::fill(best, best + lanes, -infinity);
  size_t i = 0;
  for (; i + lanes <= logits.size(); i += lanes)
    for (size_t j = 0; j < lanes; ++j)
      best[j] = logits[i + j] > best[j] ? logits[i + j] : best[j]; // false for NaN
  for (; i < logits.size(); ++i)
    best[0] = logits[i] > best[0] ? logits[i] : best[0];
  float top = *std::max_element(best, best + lanes);
  if (top == infinity) {
    top = -infinity;
    for (float logit : logits)
      if (std::isfinite(logit))
        top = std::max(top, logit);
  }
  if (top == -infinity)
    return -1;
  return static_cast<int32_t>(std::find(logits.begin(), logits.end(), top) - logits.begin());
}

} // namespace

Expected<Sampler> Sampler::create(const SamplerOptions &options, size_t vocabulary) {
  auto check = [](bool good, const char *what, double value) -> Status {
    if (good)
      return {};
    return Error{ErrorCode::Usage, std::string("sampling: ") + what + ", but it is " + std::to_string(value)};
  };
  if (vocabulary == 0 || vocabulary > size_t(std::numeric_limits<int32_t>::max()))
    return Error{ErrorCode::Usage,
                 "sampling: a vocabulary of " + std::to_string(vocabulary) + " tokens can't be sampled"};
  for (Status status :
       {check(options.temperature >= 0 && options.temperature < infinity, "temperature must be 0 or more",
              options.temperature),
        check(options.topK >= 0, "top-k must be 0 (off) or more", options.topK),
        check(options.topP > 0 && options.topP <= 1, "top-p must be above 0 and at most 1 (off)", options.topP),
        check(options.minP >= 0 && options.minP <= 1, "min-p must be from 0 (off) to 1", options.minP),
        check(options.repeatPenalty > 0 && options.repeatPenalty < infinity,
              "repeat penalty must be above 0 (1 is off)", options.repeatPenalty),
        check(options.repeatLast >= 0 && options.repeatLast <= 1 << 20,
              "the repeat window must be from 0 to 1048576 tokens", options.repeatLast)})
    if (status)
      return status.error();

  Sampler sampler;
  sampler.options = options;
  const bool penalty = options.repeatPenalty != 1.0f && options.repeatLast > 0;
  if (penalty) {
    sampler.penalized.resize(vocabulary);
    sampler.recent.resize(options.repeatLast);
    sampler.distinct.resize(options.repeatLast);
  }
  if (options.temperature > 0)
    sampler.candidates.resize(options.topK > 0 ? std::min<size_t>(options.topK, vocabulary) : vocabulary);
  sampler.vocabulary = vocabulary;
  return sampler;
}

void Sampler::accept(int32_t token) {
  if (!recent.empty())
    recent[accepted++ % recent.size()] = token;
}

void Sampler::reset() {
  accepted = 0;
  draws = 0;
}

Expected<int32_t> Sampler::sample(std::span<const float> logits) {
  if (logits.size() != vocabulary)
    return Error{ErrorCode::Failed, "sampling: expected " + std::to_string(vocabulary) + " logits, but got " +
                                        std::to_string(logits.size())};
  if (!penalized.empty()) {
    penalize(logits);
    logits = penalized;
  }
  const int32_t best = largest(logits);
  if (best < 0)
    return Error{ErrorCode::Failed, "none of the " + std::to_string(logits.size()) +
                                        " logits is a finite number; the model or its weights are broken"};
  if (options.temperature == 0)
    return best;
  if (options.topK > 0)
    keepTopK(logits);
  else
    keepAll(logits);
  if (options.topP < 1)
    keepTopP();
  if (options.minP > 0)
    keepMinP();
  return draw();
}

void Sampler::penalize(std::span<const float> logits) {
  std::copy(logits.begin(), logits.end(), penalized.begin());
  const size_t used = std::min(accepted, recent.size());
  std::copy_n(recent.begin(), used, distinct.begin());
  std::sort(distinct.begin(), distinct.begin() + used);
  auto end = std::unique(distinct.begin(), distinct.begin() + used);
  for (auto id = distinct.begin(); id != end; ++id)
    if (*id >= 0 && static_cast<size_t>(*id) < penalized.size()) {
      float &logit = penalized[*id];
      logit = logit > 0 ? logit / options.repeatPenalty : logit * options.repeatPenalty;
    }
}

// A heap of the k best so far, the worst of them in front: nearly every logit fails the one comparison.
void Sampler::keepTopK(std::span<const float> logits) {
  count = 0;
  auto begin = candidates.begin();
  for (size_t i = 0; i < logits.size(); ++i) {
    const Candidate candidate{logits[i], static_cast<int32_t>(i)};
    if (count == candidates.size()) {
      if (!(candidate.logit > begin->logit) || candidate.logit == infinity)
        continue;
      std::pop_heap(begin, begin + count, better);
      --count;
    } else if (!std::isfinite(candidate.logit))
      continue;
    candidates[count++] = candidate;
    std::push_heap(begin, begin + count, better);
  }
  std::sort_heap(begin, begin + count, better);
}

void Sampler::keepAll(std::span<const float> logits) {
  count = 0;
  for (size_t i = 0; i < logits.size(); ++i)
    if (std::isfinite(logits[i]))
      candidates[count++] = {logits[i], static_cast<int32_t>(i)};
  std::swap(candidates[0], *std::min_element(candidates.begin(), candidates.begin() + count, better));
}

void Sampler::keepTopP() {
  const double top = candidates[0].logit;
  double total = 0;
  for (size_t i = 0; i < count; ++i)
    total += exponential(candidates[i].logit - top);
  // Best first, only as many as are needed, which usually are few of many.
  auto begin = candidates.begin(), end = begin + count;
  auto worse = [](const Candidate &a, const Candidate &b) { return better(b, a); };
  std::make_heap(begin, end, worse);
  double sum = 0;
  size_t kept = 0;
  while (kept < count && sum < options.topP * total) {
    std::pop_heap(begin, end - kept, worse);
    ++kept;
    sum += exponential((end - kept)->logit - top);
  }
  std::reverse(begin, end);
  count = kept;
}

void Sampler::keepMinP() {
  const double top = candidates[0].logit;
  auto end = std::remove_if(candidates.begin(), candidates.begin() + count, [&](const Candidate &candidate) {
    return exponential(candidate.logit - top) < options.minP;
  });
  count = end - candidates.begin();
}

int32_t Sampler::draw() {
  const double top = candidates[0].logit, inverse = 1.0 / options.temperature;
  double total = 0;
  for (size_t i = 0; i < count; ++i)
    total += exponential((candidates[i].logit - top) * inverse);
  const double target = nextUniform() * total;
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    sum += exponential((candidates[i].logit - top) * inverse);
    if (sum > target)
      return candidates[i].id;
  }
  return candidates[0].id; // rounding left nothing beyond the target
}

// SplitMix64 (Steele et al. 2014) of a counter: 53 bits in [0, 1).
double Sampler::nextUniform() {
  uint64_t z = options.seed + ++draws * 0x9E3779B97F4A7C15ull;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ z >> 27) * 0x94D049BB133111EBull;
  return static_cast<double>((z ^ z >> 31) >> 11) * 0x1p-53;
}

} // namespace ph
