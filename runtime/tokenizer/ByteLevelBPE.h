// Byte-pair encoding over bytes (GPT-2; Sennrich et al. 2016, arXiv:1508.07909).
#pragma once
#include "runtime/tokenizer/PreTokenizer.h"
#include "runtime/tokenizer/Tokenizer.h"

namespace ph {

/// Words from the pre-tokenizer, whose adjacent pairs merge in order of rank. Byte b is spelled by one printable
/// character: itself, or code point 256 + n for the n-th byte that isn't printable.
class ByteLevelBPE final : public Tokenizer {
public:
  /// Reads `tokenizer.ggml.merges`. Errors (BadModel): not an array of "left right", or a part or result without a
  /// token.
  static Expected<std::unique_ptr<Tokenizer>> create(const GgufFile &file, const PreTokenizerSpec &spec,
                                                     Vocabulary vocabulary, SpecialTokens special);

private:
  friend class Merger;
  struct Merge {
    int32_t left, right, result;
  };
  ByteLevelBPE(Vocabulary vocabulary, SpecialTokens special, PreTokenizer splitter)
      : Tokenizer(std::move(vocabulary), std::move(special)), splitter(std::move(splitter)) {}
  Status readMerges(const GgufFile &file);
  Status encodeText(std::string_view text, bool first, std::vector<int32_t> &out) const override;
  void appendText(int32_t id, std::string &out) const override;
  /// Rank of the pair, or noRank.
  uint32_t rank(int32_t left, int32_t right) const;

  static constexpr uint32_t noRank = ~0u;
  PreTokenizer splitter;
  bool wholeWordsFirst = false;
  int32_t byteTokens[256];
  std::vector<Merge> merges;   ///< by rank
  std::vector<uint32_t> slots; ///< pair → rank; open addressing, a power of two, at most half full
};

} // namespace ph
