// SentencePiece's model files (https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto).
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// What a tokenizer.model holds. Texts are views of its bytes.
struct SentencePieceModel {
  std::vector<std::string_view> pieces;
  std::vector<float> scores;  ///< finite
  std::vector<int32_t> types; ///< as in GGUF (TokenType)
  bool pairs = false;         ///< byte-pair encoding; otherwise unigrams
  bool addPrefix = true, removeExtraSpaces = true;
  int64_t unknown = 0, bos = 1, eos = 2, padding = -1; ///< -1 where there is none
  std::string_view characterMap;

  /// `what` stands in errors (BadModel) for the file: no such message, or a kind of model that has no tokens of text.
  static Expected<SentencePieceModel> parse(std::string_view bytes, const std::string &what);
};

} // namespace ph
