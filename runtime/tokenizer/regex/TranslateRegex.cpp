#include "runtime/tokenizer/regex/Regex.h"
#include "runtime/tokenizer/unicode/Characters.h"
#include <algorithm>
#include <cstdio>
#include <vector>

namespace ph {
namespace {

// Characters of White_Space; PCRE2's own \s has U+180E too.
constexpr const char *spaces = R"(\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
// Oniguruma's \w: letters, marks, decimal digits, connectors, letter-like numbers and symbols; outside of classes also
// Latin 1's numbers.
constexpr const char *word = R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{24b6}-\x{24e9})"
                             R"(\x{1f130}-\x{1f149}\x{1f150}-\x{1f169}\x{1f170}-\x{1f189})";
constexpr const char *latinNumbers = R"(\x{b2}\x{b3}\x{b9}\x{bc}-\x{be})";
constexpr const char *upper =
    R"(\p{Lu}\x{2160}-\x{216f}\x{24b6}-\x{24cf}\x{1f130}-\x{1f149}\x{1f150}-\x{1f169}\x{1f170}-\x{1f189})";
constexpr const char *hexDigits = "0-9A-Fa-f";

std::string range(uint32_t first, uint32_t last) {
  char text[48];
  std::snprintf(text, sizeof text, first == last ? "\\x{%x}" : "\\x{%x}-\\x{%x}", first, last);
  return text;
}

/// Reads a pattern from left to right and writes its translation.
class Translator {
public:
  Translator(std::string_view pattern, bool newCharacters) : in(pattern), newCharacters(newCharacters) {}

  Expected<std::string> run() {
    while (at < in.size() && error.empty()) {
      const size_t begin = out.size();
      switch (in[at]) {
      case '\\':
        escape(/*inClass=*/false);
        atom = begin;
        break;
      case '[':
        charClass();
        atom = begin;
        break;
      case '(':
        groups.push_back(begin);
        out += in[at++];
        break;
      case ')':
        out += in[at++];
        atom = begin;
        if (!groups.empty()) {
          atom = groups.back();
          groups.pop_back();
        }
        break;
      case '{':
        interval();
        break;
      case '*':
      case '+':
      case '?':
      case '|':
        out += in[at++];
        break;
      default:
        atom = begin;
        character();
      }
    }
    if (!error.empty())
      return Error{ErrorCode::BadModel, "regular expression at byte " + std::to_string(at) + ": " + error};
    return std::move(out);
  }

private:
  void character() {
    do
      out += in[at++];
    while (at < in.size() && (static_cast<unsigned char>(in[at]) & 0xC0) == 0x80);
  }

  /// A repeat count. In Ruby's syntax a + after it repeats the repetition; elsewhere it forbids backtracking.
  void interval() {
    const size_t close = in.find('}', at);
    const std::string_view inner = in.substr(at + 1, close == std::string_view::npos ? 0 : close - at - 1);
    if (inner.empty() || inner.find_first_not_of("0123456789,") != std::string_view::npos || inner[0] == ',') {
      out += "\\{"; // no count: the character itself
      ++at;
      return;
    }
    out += in.substr(at, close + 1 - at);
    at = close + 1;
    if (at < in.size() && in[at] == '+') {
      out.insert(atom, "(?:");
      out += ')';
    }
  }

  /// The members of a property beside PCRE2's own, as items of a class.
  std::string added(std::string_view name) const {
    std::string items;
    if (!newCharacters)
      return items;
    for (const unicode::NewCharacters &each : unicode::newCharacters())
      if (std::string_view(each.category).starts_with(name))
        items += range(each.first, each.last);
    return items;
  }

  /// The items of a class that has property `name`; "" if it has none of that name.
  std::string property(std::string_view name) const {
    if (name == "Han") {
      std::string items = "\\p{sc:Han}";
      if (newCharacters)
        for (const unicode::CodePointRange &each : unicode::newHan())
          items += range(each.first, each.last);
      return items;
    }
    static constexpr std::pair<const char *, const char *> longNames[] = {
        {"Letter", "L"},    {"Mark", "M"},  {"Number", "N"}, {"Punctuation", "P"}, {"Punct", "P"},  {"Symbol", "S"},
        {"Separator", "Z"}, {"Other", "C"}, {"Alpha", "L"},  {"Digit", "Nd"},      {"Upper", "Lu"}, {"Lower", "Ll"}};
    for (auto [whole, brief] : longNames)
      if (name == whole)
        name = brief;
    const bool category = name.size() <= 2 || name == "Any";
    for (char c : name)
      if (!((c | 32) >= 'a' && (c | 32) <= 'z') && c != '_' && c != '&')
        return "";
    return std::string(category ? "\\p{" : "\\p{sc:") + std::string(name) + "}" + (category ? added(name) : "");
  }

  /// Writes a set, given as items of a class.
  void set(const std::string &items, bool negated, bool inClass) {
    if (!inClass)
      out += (negated ? "[^" : "[") + items + "]";
    else if (!negated)
      out += items;
    else
      error = "a negated set inside a class is not supported";
  }

  void escape(bool inClass) {
    if (at + 1 >= in.size()) {
      error = "the pattern ends with a backslash";
      return;
    }
    const char kind = in[at + 1];
    at += 2;
    switch (kind) {
    case 's':
      return set(spaces, false, inClass);
    case 'S':
      return inClass ? void(out += "\\S\\x{180e}") : set(spaces, true, false);
    case 'd':
    case 'D':
      return inClass && kind == 'D' ? void(out += "\\D") : set("\\p{Nd}" + added("Nd"), kind == 'D', inClass);
    case 'w':
    case 'W':
      if (inClass && kind == 'W')
        return void(out += "\\W");
      return set((inClass ? "" : latinNumbers) + (word + added("L")) + added("M") + added("Nd"), kind == 'W', inClass);
    case 'h':
    case 'H':
      return set(hexDigits, kind == 'H', inClass);
    case 'u':
      if (in.size() - at < 4 ||
          in.substr(at, 4).find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
        error = "\\u wants four hexadecimal digits";
        return;
      }
      out += "\\x{" + std::string(in.substr(at, 4)) + "}";
      at += 4;
      return;
    case 'p':
    case 'P':
      return propertyEscape(kind == 'P', inClass);
    default:
      out += '\\';
      --at;
      character();
      if (at < in.size() && in[at] == '{' && std::string_view("xogkN").find(kind) != std::string_view::npos) {
        const size_t end = std::min(in.find('}', at), in.size() - 1) + 1;
        out += in.substr(at, end - at);
        at = end;
      }
    }
  }

  void propertyEscape(bool negated, bool inClass) {
    std::string_view name;
    if (at < in.size() && in[at] == '{') {
      const size_t close = in.find('}', at);
      name = in.substr(at + 1, close == std::string_view::npos ? 0 : close - at - 1);
      at = close == std::string_view::npos ? in.size() : close + 1;
      if (name.starts_with('^')) {
        negated = !negated;
        name.remove_prefix(1);
      }
    } else {
      name = in.substr(at, 1);
      at += name.size();
    }
    const std::string items = name.empty() ? "" : property(name);
    if (items.empty())
      error = "'" + std::string(name) + "' is no property";
    else if (inClass && negated) // the characters that PCRE2 doesn't know would be on the wrong side
      out += "\\P{" + items.substr(3, items.find('}') - 2);
    else
      set(items, negated, inClass);
  }

  void charClass() {
    out += in[at++];
    if (at < in.size() && in[at] == '^')
      out += in[at++];
    for (bool first = true; error.empty(); first = false) {
      if (at >= in.size()) {
        error = "a class is not closed";
      } else if (in[at] == ']' && !first) {
        out += in[at++];
        return;
      } else if (in[at] == '\\') {
        escape(/*inClass=*/true);
      } else if (in[at] == '[' && at + 1 < in.size() && in[at + 1] == ':' &&
                 in.find(":]", at) != std::string_view::npos) {
        posixClass();
      } else if (in[at] == '[') {
        error = "a class inside a class is not supported";
      } else if (in.substr(at, 2) == "&&") {
        error = "an intersection of classes is not supported";
      } else if (in[at] == ']') {
        out += "\\]";
        ++at;
      } else {
        character();
      }
    }
  }

  /// [:name:] inside a class.
  void posixClass() {
    const size_t end = in.find(":]", at) + 2;
    const std::string_view name = in.substr(at + 2, end - at - 4);
    if (name == "upper")
      out += upper + added("Lu");
    else if (name == "digit")
      out += "\\p{Nd}" + added("Nd");
    else if (name == "space")
      out += spaces;
    else if (name == "word")
      out += word + added("L") + added("M") + added("Nd");
    else
      out += in.substr(at, end - at);
    at = end;
  }

  std::string_view in;
  const bool newCharacters;
  size_t at = 0, atom = 0;
  std::vector<size_t> groups; ///< where each open group begins in the output
  std::string out, error;
};

} // namespace

Expected<std::string> translateRegex(std::string_view pattern, bool newCharacters) {
  return Translator(pattern, newCharacters).run();
}

} // namespace ph
