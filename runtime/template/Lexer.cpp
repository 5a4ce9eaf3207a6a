#include "runtime/template/Lexer.h"
#include "runtime/template/Machine.h"
#include "runtime/template/Text.h"
#include <charconv>

namespace ph::jinja {
namespace {

class Lexer {
public:
  explicit Lexer(Program &program) : program(program), source(program.source) {}

  Expected<std::vector<Token>> run() {
    while (!failure && position < source.size())
      piece();
    if (failure)
      return *failure;
    add(Token::End);
    return std::move(tokens);
  }

private:
  Token &add(Token::Kind kind, std::string_view text = {}) { return tokens.emplace_back(Token{kind, line, text, {}}); }
  void fail(const std::string &message) {
    if (!failure)
      failure = Error{ErrorCode::BadModel, atLine(line, message)};
  }
  char at(size_t i) const { return i < source.size() ? source[i] : '\0'; }
  void advance(size_t to) {
    for (; position < to; ++position)
      line += source[position] == '\n';
  }
  bool isSpaceAt(size_t i, size_t &length) const {
    return i < source.size() && isSpace(decodeFront(source.substr(i, 4), length));
  }
  size_t afterSpaces(size_t i) const {
    for (size_t length; isSpaceAt(i, length);)
      i += length;
    return i;
  }

  // Text up to the next tag, then the tag.
  void piece() {
    size_t open = source.find('{', position);
    while (open != std::string_view::npos && at(open + 1) != '%' && at(open + 1) != '{' && at(open + 1) != '#')
      open = source.find('{', open + 1);
    if (open == std::string_view::npos) {
      data(source.substr(position));
      advance(source.size());
      return;
    }
    const char tag = at(open + 1), sign = at(open + 2);
    std::string_view text = source.substr(position, open - position);
    if (sign == '-')
      text = strip(text, nullptr, false, true);
    else if (sign != '+' && tag != '{') {
      const size_t newline = text.rfind('\n');
      const size_t start = newline == std::string_view::npos ? 0 : newline + 1;
      if ((start > 0 || lineStarting) && strip(text.substr(start), nullptr, true, false).empty())
        text = text.substr(0, start);
    }
    data(text);
    advance(open);
    const size_t begin = open + 2 + (sign == '-' || sign == '+');
    if (tag == '#')
      comment(begin);
    else if (tag == '%' && !raw(begin))
      code(begin, Token::BlockBegin, Token::BlockEnd, "%}");
    else if (tag == '{')
      code(begin, Token::VariableBegin, Token::VariableEnd, "}}");
    lineStarting = position > 0 && source[position - 1] == '\n';
  }

  void data(std::string_view text) {
    if (!text.empty())
      add(Token::Data, text);
  }

  /// Where a tag that closes at `close` ends, white space included. `trims`: a newline after it goes as well.
  size_t afterClose(size_t close, bool stripped, bool trims) const {
    if (stripped)
      return afterSpaces(close + 2);
    return close + 2 + (trims && at(close + 2) == '\n');
  }

  void comment(size_t begin) {
    const size_t close = source.find("#}", begin);
    if (close == std::string_view::npos)
      return fail("a comment is not closed; expected '#}'");
    const char sign = close > begin ? source[close - 1] : '\0';
    advance(afterClose(close, sign == '-', sign != '+'));
  }

  // {% raw %}text{% endraw %}; true if it was one.
  bool raw(size_t begin) {
    auto closes = [&](size_t i, bool &stripped, bool &kept) {
      i = afterSpaces(i);
      stripped = at(i) == '-';
      kept = at(i) == '+';
      i += stripped || kept;
      return source.substr(i, 2) == "%}" ? i : std::string_view::npos;
    };
    bool stripped, kept;
    size_t name = afterSpaces(begin);
    if (source.substr(name, 3) != "raw")
      return false;
    size_t close = closes(name + 3, stripped, kept);
    if (close == std::string_view::npos || kept)
      return false;
    const size_t start = afterClose(close, stripped, false);
    for (size_t end = source.find("{%", start); end != std::string_view::npos; end = source.find("{%", end + 2)) {
      const char sign = at(end + 2);
      name = afterSpaces(end + 2 + (sign == '-' || sign == '+'));
      if (source.substr(name, 6) != "endraw" || (close = closes(name + 6, stripped, kept)) == std::string_view::npos)
        continue;
      std::string_view text = source.substr(start, end - start);
      if (sign == '-')
        text = strip(text, nullptr, false, true);
      else if (sign != '+') {
        const size_t newline = text.rfind('\n');
        if (newline != std::string_view::npos && strip(text.substr(newline + 1), nullptr, true, false).empty())
          text = text.substr(0, newline + 1);
      }
      advance(start);
      data(text);
      advance(afterClose(close, stripped, !kept));
      return true;
    }
    fail("a raw block is not closed; expected '{% endraw %}'");
    return true;
  }

  void code(size_t begin, Token::Kind opens, Token::Kind closes, std::string_view close) {
    add(opens);
    advance(begin);
    std::string brackets; // open ones; inside of them the closing tag is no tag
    while (!failure) {
      advance(afterSpaces(position));
      if (position >= source.size())
        return fail("a tag is not closed; expected '" + std::string(close) + "'");
      const char c = source[position];
      if (brackets.empty()) {
        const bool stripped = c == '-', kept = c == '+' && closes == Token::BlockEnd;
        if (source.substr(position + (stripped || kept), 2) == close) {
          add(closes);
          advance(afterClose(position + (stripped || kept), stripped, closes == Token::BlockEnd && !kept));
          return;
        }
      }
      if (c >= '0' && c <= '9')
        number();
      else if (c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80))
        name();
      else if (c == '"' || c == '\'')
        string();
      else
        symbol(brackets);
    }
  }

  void name() {
    size_t end = position;
    while (end < source.size() && (at(end) == '_' || isalnum(static_cast<unsigned char>(at(end))) || (at(end) & 0x80)))
      ++end;
    add(Token::Name, source.substr(position, end - position));
    advance(end);
  }

  void number() {
    auto digits = [&](size_t i) {
      while ((at(i) >= '0' && at(i) <= '9') || (at(i) == '_' && at(i + 1) >= '0' && at(i + 1) <= '9'))
        ++i;
      return i;
    };
    int base = 10;
    if (at(position) == '0' && (at(position + 1) | 32) == 'x')
      base = 16;
    else if (at(position) == '0' && (at(position + 1) | 32) == 'o')
      base = 8;
    else if (at(position) == '0' && (at(position + 1) | 32) == 'b')
      base = 2;
    size_t end = base == 10 ? digits(position) : position + 2;
    bool fraction = false;
    if (base != 10) {
      while (isxdigit(static_cast<unsigned char>(at(end))) || at(end) == '_')
        ++end;
    } else if (!tokens.empty() && tokens.back().kind == Token::Symbol && tokens.back().text == ".") {
      // x.1.2 is two subscripts, no float
    } else {
      if (at(end) == '.' && at(end + 1) >= '0' && at(end + 1) <= '9') {
        fraction = true;
        end = digits(end + 1);
      }
      const size_t sign = end + 1 + (at(end + 1) == '+' || at(end + 1) == '-');
      if ((at(end) | 32) == 'e' && at(sign) >= '0' && at(sign) <= '9') {
        fraction = true;
        end = digits(sign);
      }
    }
    std::string text;
    for (char c : source.substr(position + (base == 10 ? 0 : 2), end - position - (base == 10 ? 0 : 2)))
      if (c != '_')
        text += c;
    Token &token = add(fraction ? Token::Float : Token::Integer, source.substr(position, end - position));
    const char *first = text.data(), *last = first + text.size();
    double real = 0;
    int64_t integer = 0;
    auto result = fraction ? std::from_chars(first, last, real) : std::from_chars(first, last, integer, base);
    if (result.ec != std::errc() || result.ptr != last)
      return fail("the number '" + std::string(token.text.substr(0, 40)) + "' is malformed or too large");
    token.value = fraction ? Value::of(real) : Value::of(integer);
    advance(end);
  }

  void string() {
    const char quote = source[position];
    size_t end = position + 1;
    bool escaped = false;
    while (end < source.size() && source[end] != quote) {
      escaped |= source[end] == '\\';
      end += source[end] == '\\' ? 2 : 1;
    }
    if (end >= source.size())
      return fail(std::string("a string is not closed; expected ") + quote);
    std::string_view text = source.substr(position + 1, end - position - 1);
    add(Token::String, escaped ? program.strings.emplace_back(unescape(text)) : text);
    advance(end + 1);
  }

  // Python's escapes; an unknown one stays as it is.
  static std::string unescape(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size()) {
        out += text[i];
        continue;
      }
      const char c = text[++i];
      constexpr std::string_view names = "abfnrtv\\'\"", meanings = "\a\b\f\n\r\t\v\\'\"";
      if (size_t known = names.find(c); known != std::string_view::npos) {
        out += meanings[known];
        continue;
      }
      const size_t wanted = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
      uint32_t code = 0;
      if (c == '\n')
        continue;
      if (c >= '0' && c <= '7') {
        size_t n = 0;
        for (; n < 3 && i + n < text.size() && text[i + n] >= '0' && text[i + n] <= '7'; ++n)
          code = code * 8 + (text[i + n] - '0');
        i += n - 1;
        appendCodePoint(out, code);
      } else if (wanted && i + wanted < text.size() &&
                 std::from_chars(text.data() + i + 1, text.data() + i + 1 + wanted, code, 16).ptr ==
                     text.data() + i + 1 + wanted) {
        i += wanted;
        appendCodePoint(out, code >= 0xDC80 && code <= 0xDCFF ? 0xFFFD : code);
      } else
        (out += '\\') += c;
    }
    return out;
  }

  void symbol(std::string &brackets) {
    static constexpr std::string_view twice[] = {"//", "**", "==", "!=", ">=", "<="};
    size_t length = 1;
    for (std::string_view two : twice)
      if (source.substr(position, 2) == two)
        length = 2;
    const char c = source[position];
    if (length == 1 && std::string_view("+-/*%~[](){}<>=.:|,;").find(c) == std::string_view::npos)
      return fail("unexpected character '" + std::string(1, c >= 32 && c < 127 ? c : '?') + "'");
    if (c == '(' || c == '[' || c == '{')
      brackets += c == '(' ? ')' : c == '[' ? ']' : '}';
    else if (c == ')' || c == ']' || c == '}') {
      if (brackets.empty() || brackets.back() != c)
        return fail(std::string("unexpected '") + c + "'");
      brackets.pop_back();
    }
    add(Token::Symbol, source.substr(position, length));
    advance(position + length);
  }

  Program &program;
  std::string_view source;
  size_t position = 0;
  uint32_t line = 1;
  bool lineStarting = true; ///< what came last ended a line
  std::vector<Token> tokens;
  std::optional<Error> failure;
};

} // namespace

Expected<std::vector<Token>> tokenize(Program &program) {
  std::string normalized;
  normalized.reserve(program.source.size());
  for (size_t i = 0; i < program.source.size(); ++i) {
    const char c = program.source[i];
    if (c == '\r' && i + 1 < program.source.size() && program.source[i + 1] == '\n')
      continue;
    normalized += c == '\r' ? '\n' : c;
  }
  if (!normalized.empty() && normalized.back() == '\n')
    normalized.pop_back();
  program.source = std::move(normalized);
  return Lexer(program).run();
}

} // namespace ph::jinja
