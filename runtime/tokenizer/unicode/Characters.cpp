#include "runtime/tokenizer/unicode/Characters.h"
#include "runtime/tokenizer/unicode/CodePoints.h"
#include <algorithm>
#include <cstdlib>
#include <utf8proc.h>

namespace ph::unicode {
namespace {

struct CaseRange {
  uint32_t first, last, delta;
};
struct ScriptRange {
  uint32_t first, last;
  uint8_t script;
};

namespace tables {
#include "runtime/tokenizer/unicode/Tables.inc"
}

template <class Range> const Range *findRange(std::span<const Range> ranges, uint32_t point) {
  auto it = std::upper_bound(ranges.begin(), ranges.end(), point,
                             [](uint32_t value, const Range &range) { return value < range.first; });
  return it != ranges.begin() && point <= (it - 1)->last ? &*(it - 1) : nullptr;
}

bool has(std::span<const CodePointRange> ranges, uint32_t point) { return findRange(ranges, point) != nullptr; }

utf8proc_category_t category(uint32_t point) { return utf8proc_category(static_cast<utf8proc_int32_t>(point)); }

bool isMark(utf8proc_category_t c) { return c >= UTF8PROC_CATEGORY_MN && c <= UTF8PROC_CATEGORY_ME; }
bool isAsciiPunctuation(uint32_t point) {
  return (point >= '!' && point <= '/') || (point >= ':' && point <= '@') || (point >= '[' && point <= '`') ||
         (point >= '{' && point <= '~');
}

/// A stretch of UTF-8 without characters that this form keeps against utf8proc's will.
void appendMapped(std::string_view text, int options, std::string &out) {
  utf8proc_uint8_t *mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t *>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(options));
  if (size >= 0)
    out.append(reinterpret_cast<const char *>(mapped), static_cast<size_t>(size));
  else
    out += text;
  std::free(mapped);
}

} // namespace

bool isWhitespace(uint32_t point) {
  if (point < 0x80)
    return point == ' ' || (point >= '\t' && point <= '\r');
  if (point >= notUtf8)
    return false;
  const auto c = category(point);
  return point == 0x85 || (c >= UTF8PROC_CATEGORY_ZS && c <= UTF8PROC_CATEGORY_ZP);
}

bool isNumeric(uint32_t point) {
  if (point < 0x80)
    return point >= '0' && point <= '9';
  if (point >= notUtf8)
    return false;
  const auto c = category(point);
  return (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO) != has(tables::numeric, point);
}

bool isWord(uint32_t point) {
  if (point < 0x80)
    return (point >= '0' && point <= '9') || (point | 32) - 'a' < 26 || point == '_';
  if (point >= notUtf8)
    return false;
  const auto c = category(point);
  const bool known = (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_ND) || c == UTF8PROC_CATEGORY_PC;
  return known != has(tables::word, point);
}

bool isPunctuation(uint32_t point) {
  if (point < 0x80)
    return isAsciiPunctuation(point);
  if (point >= notUtf8)
    return false;
  const auto c = category(point);
  return (c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO) != has(tables::punctuation, point);
}

bool isCombiningMark(uint32_t point) {
  return point >= 0x80 && point < notUtf8 && isMark(category(point)) != has(tables::combining, point);
}

bool isBertMark(uint32_t point) {
  return point >= 0x80 && point < notUtf8 && (category(point) == UTF8PROC_CATEGORY_MN) != has(tables::bertMark, point);
}

bool isBertOther(uint32_t point) {
  if (point < 0x80)
    return point < ' ' || point == 0x7F;
  if (point >= notUtf8)
    return false;
  const auto c = category(point);
  return (c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_CF || c == UTF8PROC_CATEGORY_CO) !=
         has(tables::bertOther, point);
}

bool isBertIdeograph(uint32_t point) {
  static constexpr CodePointRange ideographs[] = {{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},
                                                  {0x20000, 0x2A6DF}, {0x2A700, 0x2B81F}, {0x2B920, 0x2CEAF},
                                                  {0x2F800, 0x2FA1F}};
  return point >= 0x3400 && has(ideographs, point);
}

uint8_t script(uint32_t point) {
  const ScriptRange *range = findRange(std::span<const ScriptRange>(tables::scripts), point);
  return range ? range->script : noScript;
}

void appendLowercase(uint32_t point, std::string &out) {
  if (point < 0x80) {
    out += static_cast<char>(point - 'A' < 26 ? point | 32 : point);
  } else if (point >= notUtf8) {
    appendCodePoint(point, out);
  } else if (point == 0x130) {
    out += "i\xCC\x87"; // the only one that becomes two: SpecialCasing.txt
  } else if (const CaseRange *range = findRange(std::span<const CaseRange>(tables::lowercase), point)) {
    appendCodePoint(point + range->delta, out);
  } else {
    appendCodePoint(static_cast<uint32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point))), out);
  }
}

std::span<const NewCharacters> newCharacters() { return tables::newCharacters; }
std::span<const CodePointRange> newHan() { return tables::newHan; }

bool hasNewCharacters(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const unsigned char lead = static_cast<unsigned char>(text[i]);
    if (lead < 0xE0) { // the first new one is U+0897
      i += lead < 0x80 ? 1 : 2;
      continue;
    }
    const CodePoint point = firstCodePoint(text.substr(i));
    if (findRange(newCharacters(), point.value))
      return true;
    i += point.length;
  }
  return false;
}

void appendNormalized(std::string_view text, NormalForm form, std::string &out) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    out += text;
    return;
  }
  const bool compatible = form == NormalForm::KC || form == NormalForm::KD;
  const bool composed = form == NormalForm::C || form == NormalForm::KC;
  const int options =
      UTF8PROC_STABLE | (composed ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE) | (compatible ? UTF8PROC_COMPAT : 0);
  std::span<const CodePointRange> kept;
  if (compatible)
    kept = tables::keptByKD;
  else if (!composed)
    kept = tables::keptByD;
  // Sorting marks takes the square of how many stand together; nothing written has as many as this.
  constexpr size_t mostMarks = 4096;
  auto well = [&](std::string_view stretch) {
    size_t begin = 0, marks = 0;
    for (size_t i = 0; i < stretch.size();) {
      const CodePoint point = firstCodePoint(stretch.substr(i));
      if (point.value < 0x300) {
        marks = 0;
      } else if (has(kept, point.value)) { // starters that compose with nothing: the text may be cut around them
        appendMapped(stretch.substr(begin, i - begin), options, out);
        out += stretch.substr(i, point.length);
        begin = i + point.length;
        marks = 0;
      } else if (!utf8proc_get_property(static_cast<utf8proc_int32_t>(point.value))->combining_class) {
        marks = 0;
      } else if (++marks == mostMarks) {
        appendMapped(stretch.substr(begin, i - begin), options, out);
        begin = i;
        marks = 0;
      }
      i += point.length;
    }
    appendMapped(stretch.substr(begin), options, out);
  };
  forEachStretch(text, well, [&](std::string_view stretch) { out += stretch; });
}

size_t graphemeLength(std::string_view text) {
  utf8proc_int32_t state = 0;
  CodePoint before = firstCodePoint(text);
  for (size_t at = before.length; at < text.size();) {
    const CodePoint next = firstCodePoint(text.substr(at));
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before.value),
                                         static_cast<utf8proc_int32_t>(next.value), &state))
      return at;
    at += next.length;
    before = next;
  }
  return text.size();
}

} // namespace ph::unicode
