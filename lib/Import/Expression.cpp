#include "Expression.h"
#include "runtime/base/Quote.h"
#include <charconv>
#include <cmath>

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
    Expression result = parseComparison(0);
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
    return parsePrimary(depth);
  }

  Expression parsePrimary(int depth) {
    Expression result;
    if (take("(")) {
      result = parseComparison(depth);
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
      call.arguments.push_back(parseComparison(depth));
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

Error bare(std::string message) { return {ErrorCode::BadModel, std::move(message)}; }

Expected<Scalar> applyIntegers(const std::string &op, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  if (op == "+")
    overflow = __builtin_add_overflow(a, b, &result);
  else if (op == "-")
    overflow = __builtin_sub_overflow(a, b, &result);
  else if (op == "*")
    overflow = __builtin_mul_overflow(a, b, &result);
  else if (b <= 0)
    return bare("division by " + std::to_string(b));
  else if (op == "%")
    result = a % b;
  else if (a % b != 0)
    return bare(std::to_string(a) + " is not a multiple of " + std::to_string(b));
  else
    result = a / b;
  if (overflow)
    return bare(std::to_string(a) + " " + op + " " + std::to_string(b) + " is too large");
  return Scalar(result);
}

template <class T> std::optional<bool> compare(const std::string &op, const T &a, const T &b) {
  if (op == "==")
    return a == b;
  if (op == "!=")
    return a != b;
  if (op == "<")
    return a < b;
  if (op == "<=")
    return a <= b;
  if (op == ">")
    return a > b;
  if (op == ">=")
    return a >= b;
  return std::nullopt;
}

Expected<Scalar> applyOperator(const std::string &op, const Scalar &a, const Scalar &b) {
  auto *ia = std::get_if<int64_t>(&a), *ib = std::get_if<int64_t>(&b);
  if (ia && ib) {
    if (auto truth = compare(op, *ia, *ib))
      return Scalar(*truth);
    return applyIntegers(op, *ia, *ib);
  }
  std::optional<double> ra = asReal(a), rb = asReal(b);
  if (ra && rb) {
    if (auto truth = compare(op, *ra, *rb))
      return Scalar(*truth);
    double result = op == "+" ? *ra + *rb : op == "-" ? *ra - *rb : op == "*" ? *ra * *rb : op == "/" ? *ra / *rb : NAN;
    if (!std::isfinite(result))
      return bare(toString(a) + " " + op + " " + toString(b) + " has no finite value");
    return Scalar(result);
  }
  if (a.index() == b.index() && (op == "==" || op == "!="))
    return Scalar(*compare(op, a, b));
  return bare("'" + op + "' can't join " + toString(a) + " and " + toString(b));
}

Expected<Scalar> applyFunction(const Expression &call, const std::vector<Scalar> &values) {
  if (call.text == "sqrt" && values.size() == 1) {
    std::optional<double> value = asReal(values[0]);
    if (!value || *value < 0)
      return bare("sqrt needs a number that is not negative");
    return Scalar(std::sqrt(*value));
  }
  if ((call.text == "min" || call.text == "max") && values.size() == 2) {
    std::optional<double> a = asReal(values[0]), b = asReal(values[1]);
    if (!a || !b)
      return bare(call.text + " needs two numbers");
    return (*a < *b) == (call.text == "min") ? values[0] : values[1];
  }
  return bare("no function '" + call.text + "' of " + std::to_string(values.size()) + " numbers is known");
}

} // namespace

const Expression *Expression::named(std::string_view name) const {
  for (size_t i = 0; i < names.size() && i < arguments.size(); ++i)
    if (names[i] == name)
      return &arguments[i];
  return nullptr;
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
  result.target = parser.takeName();
  if (result.target.empty() || !parser.take("="))
    return bare("expected \"name = value\" in \"" + std::string(text) + "\"");
  result.value = parser.parseAll();
  if (!parser.message.empty())
    return bare(parser.message + " in \"" + std::string(text) + "\"");
  return result;
}

Expected<Scalar> evaluate(const Expression &expression, const ScalarLookup &lookup, const ScalarCall &call) {
  switch (expression.kind) {
  case Expression::Kind::Integer:
    return Scalar(expression.integer);
  case Expression::Kind::Real:
    return Scalar(expression.real);
  case Expression::Kind::String:
    return Scalar(expression.text);
  case Expression::Kind::Name: {
    if (expression.text == "true" || expression.text == "false")
      return Scalar(expression.text == "true");
    if (std::optional<Scalar> value = lookup(expression.text))
      return *value;
    return bare("\"" + expression.text + "\" is not defined");
  }
  case Expression::Kind::Call:
    if (call)
      if (std::optional<Expected<Scalar>> value = call(expression))
        return *value;
    [[fallthrough]];
  case Expression::Kind::Operator: {
    std::vector<Scalar> values;
    for (const Expression &argument : expression.arguments) {
      Expected<Scalar> value = evaluate(argument, lookup, call);
      if (!value)
        return value.error();
      values.push_back(std::move(*value));
    }
    if (expression.is(Expression::Kind::Operator))
      return applyOperator(expression.text, values[0], values[1]);
    return applyFunction(expression, values);
  }
  }
  return bare("an empty expression");
}

std::optional<double> asReal(const Scalar &value) {
  if (auto *integer = std::get_if<int64_t>(&value))
    return static_cast<double>(*integer);
  if (auto *real = std::get_if<double>(&value))
    return *real;
  return std::nullopt;
}

std::string toString(const Scalar &value) {
  if (auto *flag = std::get_if<bool>(&value))
    return *flag ? "true" : "false";
  if (auto *integer = std::get_if<int64_t>(&value))
    return std::to_string(*integer);
  if (auto *text = std::get_if<std::string>(&value))
    return quoteText(*text);
  char buffer[32];
  auto end = std::to_chars(buffer, buffer + sizeof(buffer), std::get<double>(value)).ptr;
  return std::string(buffer, end);
}

} // namespace ph
