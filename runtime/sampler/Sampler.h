// Chooses the next token from logits.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <span>
#include <vector>

namespace ph {

/// Filters apply in this order: repeat penalty, top-k, top-p (Holtzman et al. 2019, arXiv:1904.09751), min-p (Nguyen et
/// al. 2024, arXiv:2407.01082), temperature. The defaults sample from everything.
struct SamplerOptions {
  float temperature = 1.0f;   ///< 0: always the largest logit
  int32_t topK = 0;           ///< 0: off
  float topP = 1.0f;          ///< smallest set of tokens that has this much probability; 1: off
  float minP = 0.0f;          ///< at least this fraction of the largest probability; 0: off
  float repeatPenalty = 1.0f; ///< divides positive and multiplies other logits of recent tokens; 1: off
  int32_t repeatLast = 64;    ///< how many tokens count as recent
  uint64_t seed = 0;
};

/// A sampler with its own random numbers: the same seed, logits and calls give the same tokens on every machine.
/// Allocates only when it is made.
class Sampler {
public:
  /// For logits of `vocabulary` tokens. Errors (Usage) name the option that is out of range.
  static Expected<Sampler> create(const SamplerOptions &options, size_t vocabulary);

  /// The next token. Logits that aren't finite are never chosen. Errors (Failed): none is finite, or a wrong count.
  Expected<int32_t> sample(std::span<const float> logits);
  /// Puts a token among the recent ones: those of the prompt and each one sampled, in order.
  void accept(int32_t token);
  /// Forgets recent tokens and begins the random numbers again.
  void reset();

private:
  struct Candidate {
    float logit;
    int32_t id;
  };
  static bool better(const Candidate &a, const Candidate &b) {
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
  }
  void penalize(std::span<const float> logits);
  void keepTopK(std::span<const float> logits);
  void keepAll(std::span<const float> logits);
  void keepTopP();
  void keepMinP();
  int32_t draw();
  double nextUniform();

  SamplerOptions options;
  std::vector<Candidate> candidates; ///< `count` of them in use; the first is a largest once filters have run
  size_t vocabulary = 0, count = 0;
  std::vector<float> penalized; ///< logits after the penalty, if there is one
  std::vector<int32_t> recent;  ///< a ring of the last tokens
  std::vector<int32_t> distinct;
  size_t accepted = 0;
  uint64_t draws = 0;
};

} // namespace ph
