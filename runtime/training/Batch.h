// What one call of a training engine computes on.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ph::training {

/// A label that no loss looks at.
inline constexpr int32_t ignoredLabel = -100;

/// A micro-batch: `rows` rows of `length` tokens each, row-major.
struct Batch {
  int64_t rows = 0, length = 0;
  uint64_t number = 0; ///< of all micro-batches that were trained on before: a counter for what is random (dropout)
  /// Whether rows are pairs: the first half are chosen answers, the second half the rejected ones in the same order; or
  /// answers, and those to other prompts.
  bool pairs = false;
  std::vector<int32_t> tokens;
  /// The token itself where it is learned, else ignoredLabel; the logits of position t - 1 are to predict the label of
  /// position t. The first token of a document has none, so that position 0 never counts.
  std::vector<int32_t> labels;
  std::vector<int32_t> positions; ///< within the document, from 0
  std::vector<int32_t> documents; ///< from 1 in each row; 0 is padding. Tokens see those of their own document.
  int64_t labelled = 0;           ///< labels that are not ignored
  int64_t real = 0;               ///< tokens that are no padding
  double tokensPerPair = 1;       ///< of pairs: labels of chosen answers for each, in all batches of a step

  struct Origin {
    std::string file;
    uint32_t line;
  };
  int64_t targetsEach = 0;    ///< numbers that an example has
  std::vector<float> targets; ///< of all examples: their labels (LabelReader.h), or 1 for a good answer, else 0

  std::vector<Origin> origins;    ///< where the examples in it are written
  std::vector<uint64_t> examples; ///< their numbers, which no two examples of a training have in common
};

} // namespace ph::training
