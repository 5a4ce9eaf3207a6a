// The small language inside architecture files: `q = rope(linear(n, attn_q), heads = heads)`, `width / heads`.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ph {

/// A parsed expression.
struct Expression {
  enum class Kind { Integer, Real, String, Name, Call, Operator };
  Kind kind = Kind::Integer;
  int64_t integer = 0;
  double real = 0;
  std::string text;                  ///< the name, the function, the string or the operator
  std::vector<Expression> arguments; ///< of a call, or the operator's one or two operands
  std::vector<std::string> names;    ///< of a call: the argument's name, empty if it is positional
  std::string source;                ///< only at the root: as written

  bool is(Kind wanted) const { return kind == wanted; }
  /// The named argument; null if it isn't given.
  const Expression *named(std::string_view name) const;
};

/// One line of a description: `target = value`, or `repeat COUNT {` with its body.
struct Statement {
  enum class Kind { Assign, Repeat };
  Kind kind = Kind::Assign;
  int line = 0;
  std::string target;
  Expression value; ///< the assigned value or the count
  std::vector<Statement> body;
};

/// Parses one expression. Grammar: comparison (== != < <= > >=) of sums of products (* / %) of unary minus of
/// numbers, 'strings', names, calls f(a, key = b) and parentheses. Errors: BadModel, the bare reason without a place.
Expected<Expression> parseExpression(std::string_view text);
/// Parses `name = expression`.
Expected<Statement> parseAssignment(std::string_view text, int line);

/// A value of the configuration.
using Scalar = std::variant<bool, int64_t, double, std::string>;

/// Gives a name's value; empty if unknown.
using ScalarLookup = std::function<std::optional<Scalar>(const std::string &name)>;
/// Gives a call's value, for functions other than sqrt, min and max; empty if unknown.
using ScalarCall = std::function<std::optional<Expected<Scalar>>(const Expression &call)>;

/// Evaluates without tensors. Integers stay exact: a quotient that isn't whole and any overflow are errors, not
/// roundings.
Expected<Scalar> evaluate(const Expression &expression, const ScalarLookup &lookup, const ScalarCall &call = nullptr);

/// As a number, whether it is an integer or real; empty otherwise.
std::optional<double> asReal(const Scalar &value);
std::string toString(const Scalar &value);

} // namespace ph
