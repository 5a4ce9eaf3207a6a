#include "runtime/training/data/MaskTokens.h"
#include "runtime/base/Philox.h"

namespace ph::training {

Expected<TokenMasker> TokenMasker::create(const Tokenizer &tokenizer, double probability, uint64_t seed) {
  const Vocabulary &vocabulary = tokenizer.vocabulary();
  if (vocabulary.mask == Vocabulary::none)
    return Error{ErrorCode::BadModel, "loss: mlm needs a mask token, and the model's tokenizer has none (mask_token of "
                                      "tokenizer_config.json)"};
  TokenMasker masker;
  masker.mask = vocabulary.mask;
  masker.probability = probability;
  masker.seed = seed;
  masker.isOrdinary.assign(vocabulary.size(), false);
  for (int32_t id = 0; id < int32_t(vocabulary.size()); ++id) {
    const TokenType type = vocabulary.type(id);
    if (type == TokenType::Control || type == TokenType::Unknown || type == TokenType::Unused || id == masker.mask ||
        vocabulary.text(id).empty())
      continue;
    masker.isOrdinary[size_t(id)] = true;
    if (vocabulary.isOfModel(id))
      masker.ordinary.push_back(id);
  }
  if (masker.ordinary.empty())
    return Error{ErrorCode::BadModel, "loss: mlm: all tokens of the model's tokenizer are special"};
  return masker;
}

void TokenMasker::apply(Batch &batch, uint32_t epoch) const {
  constexpr uint32_t maskStream = 5; // beside those of EpochOrder and of new weights
  const CounterRandom random(seed, maskStream, epoch);
  batch.labels.assign(batch.labels.size(), ignoredLabel);
  batch.labelled = 0;
  for (size_t row = 0; row < size_t(batch.rows); ++row) {
    const uint64_t first = batch.examples[row] << 25;
    const size_t begin = row * size_t(batch.length);
    auto counts = [&](size_t at) { return batch.documents[at] != 0 && isOrdinary[size_t(batch.tokens[at])]; };
    auto hide = [&](size_t at) {
      batch.labels[at] = batch.tokens[at];
      ++batch.labelled;
      const uint64_t bits = random.bits(first + (at - begin) + (1u << 24));
      const uint64_t tenth = (bits & UINT32_MAX) * 10 >> 32;
      if (tenth < 8)
        batch.tokens[at] = mask;
      else if (tenth == 8)
        batch.tokens[at] = ordinary[size_t((bits >> 32) * ordinary.size() >> 32)];
    };
    // The least of the numbers, in case that none is low enough.
    size_t least = SIZE_MAX;
    double leastNumber = 2;
    bool any = false;
    for (size_t at = begin; at < begin + size_t(batch.length); ++at) {
      if (!counts(at))
        continue;
      const double number = double(random.bits(first + (at - begin)) >> 11) / 9007199254740992.0;
      if (number < leastNumber)
        leastNumber = number, least = at;
      if (number < probability)
        hide(at), any = true;
    }
    if (!any && least != SIZE_MAX)
      hide(least);
  }
}

} // namespace ph::training
