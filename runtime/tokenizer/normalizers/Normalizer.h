// Rewrites a text before it is split, as the normalizers of a tokenizer.json.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/tokenizer/regex/Regex.h"
#include "runtime/tokenizer/unicode/Characters.h"
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// One step. Immutable, so one may be used by many threads. Bytes that aren't UTF-8 pass unchanged.
class Normalizer {
public:
  virtual ~Normalizer() = default;
  /// Appends what becomes of `text`. Errors: Failed when an expression exceeds its limits, or the text becomes more
  /// than 32 times as long.
  virtual Status apply(std::string_view text, RegexScratch &scratch, std::string &out) const = 0;
  /// Whether what becomes of `text` begins, as tokenizers sees it, where `text` does: not if its first character goes,
  /// or several are replaced at once.
  virtual bool keepsStart(std::string_view text, RegexScratch &scratch) const;
};

using Normalizers = std::vector<std::unique_ptr<Normalizer>>;

/// What all steps make of `text`, and whether its start was kept.
struct NormalizedText {
  std::string text;
  bool startKept = true;
};
Expected<NormalizedText> normalize(const Normalizers &steps, std::string_view text, RegexScratch &scratch);

std::unique_ptr<Normalizer> toNormalForm(unicode::NormalForm form);
std::unique_ptr<Normalizer> toLowercase();
std::unique_ptr<Normalizer> stripWhitespace(bool left, bool right);
std::unique_ptr<Normalizer> stripAccents();
/// Characters of the NMT system's list become spaces or go.
std::unique_ptr<Normalizer> cleanAsNmt();
std::unique_ptr<Normalizer> replaceText(std::string pattern, std::string replacement);
std::unique_ptr<Normalizer> replaceRegex(Regex pattern, std::string replacement);
/// Puts `text` in front of what isn't empty.
std::unique_ptr<Normalizer> prependText(std::string text);
/// Spells bytes in the alphabet of byte-level vocabularies.
std::unique_ptr<Normalizer> spellText();

struct BertOptions {
  bool cleanText = true, spaceIdeographs = true, stripAccents = true, lowercase = true;
};
std::unique_ptr<Normalizer> normalizeAsBert(BertOptions options);

/// Rewriting by SentencePiece's compiled map: 4 bytes with the size of a double array (Darts), the array, and the
/// replacements, each ended by a zero byte.
class CharacterMap {
public:
  /// Errors (BadModel): sizes that don't fit.
  static Expected<CharacterMap> parse(std::string bytes);
  struct Found {
    size_t length = 0; ///< of what is replaced; 0 if nothing is
    std::string_view replacement;
  };
  /// The longest (or shortest) beginning of `text` that the map has.
  Found find(std::string_view text, bool longest) const;

private:
  uint32_t unit(size_t index) const;
  std::string bytes; ///< the array and the replacements
  size_t units = 0;
};
/// As tokenizers' Precompiled: by grapheme clusters.
std::unique_ptr<Normalizer> mapCharacters(CharacterMap map);

struct SentencePieceOptions {
  bool addPrefix = true, removeExtraSpaces = true;
};
/// As SentencePiece normalizes: the map's longest matches, then spaces put in order and written as U+2581.
std::unique_ptr<Normalizer> normalizeAsSentencePiece(std::unique_ptr<CharacterMap> map, SentencePieceOptions options);

} // namespace ph
