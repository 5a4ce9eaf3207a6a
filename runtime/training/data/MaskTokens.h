// Hiding tokens of texts, for models that learn to guess them.
#pragma once
#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/training/Batch.h"

namespace ph::training {

/// How masked language models are trained (Devlin et al., arXiv:1810.04805): of all tokens that are not special, each
/// is chosen with `probability`; four in five of the chosen become the mask token, one in ten another token and one in
/// ten stays; all chosen ones are to be guessed.
class TokenMasker {
public:
  /// Errors: BadModel for a tokenizer without a mask token.
  static Expected<TokenMasker> create(const Tokenizer &tokenizer, double probability, uint64_t seed);

  /// Hides tokens of a batch with one example a row; labels are the chosen tokens then, ignored elsewhere. If none of a
  /// row is chosen, one is. What is chosen follows from seed, epoch and the example's number: CounterRandom(seed,
  /// stream 5, epoch), numbers 2^25 example + position and, for what the tokens become, 2^24 more.
  void apply(Batch &batch, uint32_t epoch) const;
  /// An epoch for evaluations, which all see the same.
  static constexpr uint32_t ofEvaluation = UINT32_MAX;

private:
  std::vector<int32_t> ordinary; ///< tokens that are not special
  std::vector<bool> isOrdinary;
  int32_t mask = 0;
  double probability = 0;
  uint64_t seed = 0;
};

} // namespace ph::training
