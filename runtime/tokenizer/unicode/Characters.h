// Properties of characters, exactly as Hugging Face's tokenizers has them (version 0.23), whose parts follow different
// versions of Unicode: from utf8proc, with tables of what differs (Tables.inc).
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ph::unicode {

struct CodePointRange {
  uint32_t first, last;
};
/// Characters that the regular expressions' library doesn't know yet; `category` is Unicode's, of two letters.
struct NewCharacters {
  uint32_t first, last;
  char category[3];
};

/// White_Space.
bool isWhitespace(uint32_t point);
/// Numbers of every kind.
bool isNumeric(uint32_t point);
/// Of a word as regular expressions have it: \w.
bool isWord(uint32_t point);
/// Punctuation, and all of ASCII that is neither letter, digit nor space.
bool isPunctuation(uint32_t point);
/// Combining marks, as StripAccents removes them.
bool isCombiningMark(uint32_t point);
/// Nonspacing marks, as BertNormalizer removes them.
bool isBertMark(uint32_t point);
/// Control, format and private-use characters, as BertNormalizer removes them.
bool isBertOther(uint32_t point);
/// The CJK ideographs that BertNormalizer sets apart.
bool isBertIdeograph(uint32_t point);
/// The script of what goes with any other.
inline constexpr uint8_t noScript = 0;
/// A number for each script of Unicode 9, by its Annex 24, as UnicodeScripts has them: Hiragana, Katakana and the mark
/// that lengthens their vowels (U+30FC) are Han; the space and what Unicode 9 gives no script are noScript. Common and
/// Inherited are scripts like others.
uint8_t script(uint32_t point);
/// Appends the lower case of a code point, one or two of them.
void appendLowercase(uint32_t point, std::string &out);

std::span<const NewCharacters> newCharacters();
std::span<const CodePointRange> newHan();
/// Whether `text`, which must be UTF-8, has one of newCharacters().
bool hasNewCharacters(std::string_view text);

enum class NormalForm { C, D, KC, KD };
/// Appends `text` in a normal form of Unicode's Annex 15. Bytes that aren't UTF-8 stay as they are.
void appendNormalized(std::string_view text, NormalForm form, std::string &out);
/// Length in bytes of the first grapheme cluster of `text`, which must be UTF-8 and not empty.
size_t graphemeLength(std::string_view text);

} // namespace ph::unicode
