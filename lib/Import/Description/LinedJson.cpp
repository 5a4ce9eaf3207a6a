#include "LinedJson.h"
#include <charconv>
#include <cmath>
#include <set>

namespace ph {
namespace {

constexpr int kDepthLimit = 32;

/// A recursive-descent parser; the first error sticks and unwinds everything.
class Parser {
public:
  Parser(std::string_view text, const std::string &path) : text(text), path(path) {}

  Expected<LinedJson> parse() {
    LinedJson value = parseValue(0);
    skipBlanks();
    if (message.empty() && at < text.size())
      fail("unexpected text after the end of the document");
    if (!message.empty())
      return Error{ErrorCode::BadModel, path + ":" + std::to_string(errorLine) + ": " + message};
    return value;
  }

private:
  void fail(std::string what) {
    if (!message.empty())
      return;
    message = std::move(what);
    errorLine = line;
    at = text.size();
  }

  void skipBlanks() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
      line += text[at++] == '\n';
  }

  bool take(char wanted) {
    if (at >= text.size() || text[at] != wanted)
      return false;
    ++at;
    return true;
  }

  bool takeWord(std::string_view word) {
    if (text.substr(at, word.size()) != word)
      return false;
    at += word.size();
    return true;
  }

  LinedJson parseValue(int depth) {
    skipBlanks();
    LinedJson value;
    value.line = line;
    if (depth > kDepthLimit) {
      fail("nested deeper than " + std::to_string(kDepthLimit) + " levels");
    } else if (at >= text.size()) {
      fail("the document ends where a value is expected");
    } else if (take('{')) {
      parseObject(value, depth);
    } else if (take('[')) {
      parseArray(value, depth);
    } else if (text[at] == '"') {
      value.kind = LinedJson::Kind::String;
      value.string = parseString();
    } else if (takeWord("true")) {
      value.kind = LinedJson::Kind::Bool;
      value.boolean = true;
    } else if (takeWord("false")) {
      value.kind = LinedJson::Kind::Bool;
    } else if (!takeWord("null")) {
      parseNumber(value);
    }
    return value;
  }

  void parseObject(LinedJson &value, int depth) {
    value.kind = LinedJson::Kind::Object;
    std::set<std::string> seen;
    skipBlanks();
    if (take('}'))
      return;
    while (message.empty()) {
      skipBlanks();
      if (at >= text.size() || text[at] != '"')
        return fail("expected a key in quotes");
      std::string key = parseString();
      if (!seen.insert(key).second)
        return fail("key \"" + key + "\" is given twice");
      skipBlanks();
      if (!take(':'))
        return fail("expected ':' after the key \"" + key + "\"");
      value.members.push_back({std::move(key), parseValue(depth + 1)});
      skipBlanks();
      if (take('}'))
        return;
      if (!take(','))
        return fail("expected ',' or '}'");
    }
  }

  void parseArray(LinedJson &value, int depth) {
    value.kind = LinedJson::Kind::Array;
    skipBlanks();
    if (take(']'))
      return;
    while (message.empty()) {
      value.items.push_back(parseValue(depth + 1));
      skipBlanks();
      if (take(']'))
        return;
      if (!take(','))
        return fail("expected ',' or ']'");
    }
  }

  std::string parseString() {
    std::string result;
    ++at;
    while (at < text.size()) {
      char c = text[at++];
      if (c == '"')
        return result;
      if (static_cast<unsigned char>(c) < 0x20) {
        fail("a line break or control character inside a string");
        return result;
      }
      if (c != '\\') {
        result += c;
        continue;
      }
      char escape = at < text.size() ? text[at++] : '\0';
      constexpr std::string_view names = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
      size_t which = names.find(escape);
      if (escape == '\0' || which == std::string_view::npos) {
        fail("unknown escape in a string; architecture files need no \\u");
        return result;
      }
      result += values[which];
    }
    fail("a string without its closing quote");
    return result;
  }

  void parseNumber(LinedJson &value) {
    const char *begin = text.data() + at, *end = text.data() + text.size(), *stop = begin;
    while (stop < end &&
           (std::string_view("+-.eE").find(*stop) != std::string_view::npos || (*stop >= '0' && *stop <= '9')))
      ++stop;
    std::string_view digits(begin, stop - begin);
    if (digits.empty() || digits.front() == '+' || digits.front() == '.')
      return fail("expected a value");
    if (digits.find_first_of(".eE") == std::string_view::npos) {
      value.kind = LinedJson::Kind::Integer;
      auto [last, error] = std::from_chars(begin, stop, value.integer);
      if (error != std::errc() || last != stop)
        return fail("\"" + std::string(digits) + "\" is no 64-bit integer");
      value.real = static_cast<double>(value.integer);
    } else {
      value.kind = LinedJson::Kind::Real;
      auto [last, error] = std::from_chars(begin, stop, value.real);
      if (error != std::errc() || last != stop || !std::isfinite(value.real))
        return fail("\"" + std::string(digits) + "\" is no number");
    }
    at += digits.size();
  }

  std::string_view text;
  const std::string &path;
  size_t at = 0;
  int line = 1, errorLine = 0;
  std::string message;
};

} // namespace

const LinedJson *LinedJson::find(std::string_view key) const {
  for (const LinedMember &member : members)
    if (member.key == key)
      return &member.value;
  return nullptr;
}

Expected<LinedJson> parseLinedJson(std::string_view text, const std::string &path) {
  return Parser(text, path).parse();
}

} // namespace ph
