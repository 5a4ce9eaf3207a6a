#include "Expression.h"
#include <algorithm>
#include <charconv>

namespace ph {
namespace {

constexpr int kDepthLimit = 48;
constexpr size_t kLengthLimit = 1000; // also bounds the depth of `a + b + c …`, which parses to the left

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

class Parser {
public:
  explicit Parser(std::string_view text) : text(text) {
    if (text.size() > kLengthLimit)
      fail("longer than " + std::to_string(kLengthLimit) + " characters");
  }

  Expression parseAll() {
    Expression result = parseChoice(0);
    skipBlanks();
    if (at < text.size())
      fail("unexpected '" + std::string(text.substr(at, 12)) + "'");
    result.source = std::string(text);
    return result;
  }

  std::string takeName() {
    skipBlanks();
    size_t begin = at;
    if (at < text.size() && isLetter(text[at]))
      while (at < text.size() && (isLetter(text[at]) || isDigit(text[at])))
        ++at;
    return std::string(text.substr(begin, at - begin));
  }

  bool take(std::string_view token) {
    skipBlanks();
    if (text.substr(at, token.size()) != token)
      return false;
    at += token.size();
    return true;
  }

  void fail(std::string what) {
    if (message.empty())
      message = std::move(what);
    at = text.size();
  }

  std::string message;

private:
  void skipBlanks() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
      ++at;
  }

  Expression binary(std::string_view symbol, Expression left, Expression right) {
    Expression result;
    result.kind = Expression::Kind::Operator;
    result.text = std::string(symbol);
    result.arguments.push_back(std::move(left));
    result.arguments.push_back(std::move(right));
    return result;
  }

  /// A word that is no part of a longer name.
  bool takeWord(std::string_view word) {
    skipBlanks();
    std::string_view rest = text.substr(at);
    if (!rest.starts_with(word) ||
        (rest.size() > word.size() && (isLetter(rest[word.size()]) || isDigit(rest[word.size()]))))
      return false;
    at += word.size();
    return true;
  }

  Expression parseChoice(int depth) {
    Expression left = parseConjunction(depth);
    while (message.empty() && takeWord("or"))
      left = binary("or", std::move(left), parseConjunction(depth));
    return left;
  }

  Expression parseConjunction(int depth) {
    Expression left = parseNegation(depth);
    while (message.empty() && takeWord("and"))
      left = binary("and", std::move(left), parseNegation(depth));
    return left;
  }

  Expression parseNegation(int depth) {
    if (++depth > kDepthLimit) {
      fail("nested deeper than " + std::to_string(kDepthLimit) + " levels");
      return {};
    }
    if (!takeWord("not"))
      return parseComparison(depth);
    Expression result;
    result.kind = Expression::Kind::Operator;
    result.text = "not";
    result.arguments.push_back(parseNegation(depth));
    return result;
  }

  Expression parseComparison(int depth) {
    Expression left = parseSum(depth);
    for (std::string_view symbol : {"==", "!=", "<=", ">=", "<", ">"})
      if (take(symbol))
        return binary(symbol, std::move(left), parseSum(depth));
    return left;
  }

  Expression parseSum(int depth) {
    Expression left = parseProduct(depth);
    while (message.empty()) {
      if (take("+"))
        left = binary("+", std::move(left), parseProduct(depth));
      else if (take("-"))
        left = binary("-", std::move(left), parseProduct(depth));
      else
        break;
    }
    return left;
  }

  Expression parseProduct(int depth) {
    Expression left = parseUnary(depth);
    while (message.empty()) {
      if (take("*"))
        left = binary("*", std::move(left), parseUnary(depth));
      else if (take("/"))
        left = binary("/", std::move(left), parseUnary(depth));
      else if (take("%"))
        left = binary("%", std::move(left), parseUnary(depth));
      else
        break;
    }
    return left;
  }

  Expression parseUnary(int depth) {
    if (++depth > kDepthLimit) {
      fail("nested deeper than " + std::to_string(kDepthLimit) + " levels");
      return {};
    }
    if (take("-")) {
      Expression zero;
      return binary("-", std::move(zero), parseUnary(depth));
    }
    Expression result = parsePrimary(depth);
    while (message.empty() && take("[")) {
      result = binary("[]", std::move(result), parseChoice(depth));
      if (!take("]"))
        fail("expected ']'");
    }
    return result;
  }

  Expression parsePrimary(int depth) {
    Expression result;
    if (take("(")) {
      result = parseChoice(depth);
      if (!take(")"))
        fail("expected ')'");
      return result;
    }
    if (take("'")) {
      size_t end = text.find('\'', at);
      if (end == std::string_view::npos) {
        fail("a string without its closing '");
        return result;
      }
      result.kind = Expression::Kind::String;
      result.text = std::string(text.substr(at, end - at));
      at = end + 1;
      return result;
    }
    if (at < text.size() && isDigit(text[at]))
      return parseNumber();
    result.kind = Expression::Kind::Name;
    result.text = takeName();
    if (result.text.empty())
      fail(at < text.size() ? "unexpected '" + std::string(text.substr(at, 12)) + "'"
                            : "ends where a value is expected");
    else if (take("("))
      parseArguments(result, depth);
    return result;
  }

  void parseArguments(Expression &call, int depth) {
    call.kind = Expression::Kind::Call;
    if (take(")"))
      return;
    do {
      size_t before = at;
      std::string name = takeName();
      bool isNamed = !name.empty() && take("=") && text.substr(at, 1) != "=";
      if (!isNamed) {
        name.clear();
        at = before;
        if (!call.names.empty() && !call.names.back().empty())
          return fail("an argument without a name after one with a name");
      } else if (call.named(name)) {
        return fail("argument '" + name + "' is given twice");
      }
      call.arguments.push_back(parseChoice(depth));
      call.names.push_back(std::move(name));
    } while (message.empty() && take(","));
    if (message.empty() && !take(")"))
      fail("expected ',' or ')' in the arguments of " + call.text);
  }

  Expression parseNumber() {
    Expression result;
    const char *begin = text.data() + at, *end = text.data() + text.size();
    auto whole = std::from_chars(begin, end, result.integer);
    const char *stop = whole.ptr;
    if (whole.ec != std::errc() || (stop < end && (*stop == '.' || *stop == 'e' || *stop == 'E'))) {
      result.kind = Expression::Kind::Real;
      auto real = std::from_chars(begin, end, result.real);
      if (real.ec != std::errc()) {
        fail("a number that is too large");
        return result;
      }
      stop = real.ptr;
    }
    at += stop - begin;
    return result;
  }

  std::string_view text;
  size_t at = 0;
};

} // namespace

static Error bare(std::string message) { return {ErrorCode::BadModel, std::move(message)}; }

const Expression *Expression::named(std::string_view name) const {
  for (size_t i = 0; i < names.size() && i < arguments.size(); ++i)
    if (names[i] == name)
      return &arguments[i];
  return nullptr;
}

bool Expression::mentions(std::string_view name) const {
  if (is(Kind::Name) && text == name)
    return true;
  return std::any_of(arguments.begin(), arguments.end(),
                     [&](const Expression &argument) { return argument.mentions(name); });
}

Expected<Expression> parseExpression(std::string_view text) {
  Parser parser(text);
  Expression result = parser.parseAll();
  if (!parser.message.empty())
    return bare(parser.message + " in \"" + std::string(text) + "\"");
  return result;
}

Expected<Statement> parseAssignment(std::string_view text, int line) {
  Parser parser(text);
  Statement result;
  result.line = line;
  do
    result.targets.push_back(parser.takeName());
  while (!result.targets.back().empty() && parser.take(","));
  if (result.targets.back().empty() || !parser.take("="))
    return bare("expected \"name = value\" in \"" + std::string(text) + "\"");
  result.value = parser.parseAll();
  if (!parser.message.empty())
    return bare(parser.message + " in \"" + std::string(text) + "\"");
  return result;
}

} // namespace ph
