// What makes token ids of the words of a text.
#pragma once
#include "runtime/tokenizer/Vocabulary.h"
#include "runtime/tokenizer/splitters/Splitter.h"
#include <span>

namespace ph {

/// A model over a vocabulary, which outlives it. Immutable, so one may be used by many threads.
class SubwordModel {
public:
  virtual ~SubwordModel() = default;
  /// The work on one text of about `textBytes`: takes its words, appends their ids to `out`.
  virtual std::unique_ptr<PieceSink> start(size_t textBytes, std::vector<int32_t> &out) const = 0;
};

/// "<0x00>" to "<0xFF>", the tokens that stand for single bytes.
class ByteTokens {
public:
  explicit ByteTokens(const Vocabulary &vocabulary);
  int32_t operator[](char byte) const { return ids[static_cast<unsigned char>(byte)]; }
  /// Appends one token for each byte of `text`; false, and nothing appended, if one is missing.
  bool append(std::string_view text, std::vector<int32_t> &out) const;

private:
  int32_t ids[256];
};

struct BytePairOptions {
  bool rawBytes = false;        ///< words come as bytes, each spelled by its character of the byte alphabet
  bool wholeWordsFirst = false; ///< a word that is a token is not merged together ("ignore_merges")
  bool byteFallback = false;    ///< characters without token become ByteTokens
  bool fuseUnknown = false;     ///< one unknown token for several in a row
  int32_t unknown = Vocabulary::none;
  std::string continuing, ending; ///< what is added to characters that don't begin, and that end, a word
  bool lastOfEqual = false;       ///< which rank a pair has that is listed twice
};

/// A pair that merges; its place in the list is its rank.
struct MergePair {
  std::string_view left, right;
};

/// Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909): the pair of lowest rank merges first. `where` stands in
/// errors (BadModel: a part or a result has no token) for the list.
Expected<std::unique_ptr<SubwordModel>> makeBytePairModel(const Vocabulary &vocabulary,
                                                          std::span<const MergePair> merges, BytePairOptions options,
                                                          const std::string &where);

/// SentencePiece's byte-pair encoding: what has the highest score merges first. Characters without token become
/// ByteTokens, else `unknown`, one for several in a row. `scores`: one for each token, none of them NaN.
std::unique_ptr<SubwordModel> makeScoredPairModel(const Vocabulary &vocabulary, std::vector<float> scores,
                                                  int32_t unknown);

struct WordPieceOptions {
  std::string starting, continuing; ///< what tokens begin with that begin, or go on with, a word
  int32_t unknown = Vocabulary::none;
  size_t mostCharacters = 100; ///< of a word; longer ones are unknown
};

/// WordPiece (Schuster and Nakajima 2012): the longest token first, from left to right. Errors: BadModel for a
/// vocabulary of too many bytes.
Expected<std::unique_ptr<SubwordModel>> makeWordPieceModel(const Vocabulary &vocabulary, WordPieceOptions options);

/// Whole words only; `unknown` may be none.
std::unique_ptr<SubwordModel> makeWordLevelModel(const Vocabulary &vocabulary, int32_t unknown);

struct UnigramOptions {
  int32_t unknown = Vocabulary::none;
  bool byteFallback = false, fuseUnknown = true;
  bool singlePrecision = false; ///< add scores as SentencePiece does; Hugging Face's tokenizers adds doubles
};

/// A unigram language model (Kudo 2018, arXiv:1804.10959): the most probable split, by Viterbi's algorithm. `scores`:
/// the logarithm of each token's probability, finite. Errors (BadModel): tokens longer than 1024 bytes, or too many.
Expected<std::unique_ptr<SubwordModel>> makeUnigramModel(const Vocabulary &vocabulary, std::vector<double> scores,
                                                         UnigramOptions options);

} // namespace ph
