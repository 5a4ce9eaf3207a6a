// The small language inside architecture files: `q = rope(linear(n, attn_q), rope, heads = heads)`, `width / heads`.
#pragma once
#include "Scalar.h"
#include "runtime/base/Error.h"
#include <functional>
#include <span>
#include <string_view>

namespace ph {

/// A parsed expression.
struct Expression {
  enum class Kind { Integer, Real, String, Name, Call, Operator };
  Kind kind = Kind::Integer;
  int64_t integer = 0;
  double real = 0;
  std::string text;                  ///< the name, the function, the string or the operator ("[]" for list[index])
  std::vector<Expression> arguments; ///< of a call, or the operator's one or two operands
  std::vector<std::string> names;    ///< of a call: the argument's name, empty if it is positional
  std::string source;                ///< only at the root: as written

  bool is(Kind wanted) const { return kind == wanted; }
  /// The named argument; null if it isn't given.
  const Expression *named(std::string_view name) const;
  /// Whether the name stands in it somewhere.
  bool mentions(std::string_view name) const;
};

/// One line of a description: `target = value`, `a, b = value`, `repeat COUNT from FIRST {` or `if CONDITION {` with
/// what stands between the braces.
struct Statement {
  enum class Kind { Assign, Repeat, If };
  Kind kind = Kind::Assign;
  int line = 0;
  std::vector<std::string> targets;
  Expression value;                ///< the assigned value, the count or the condition
  std::optional<Expression> first; ///< of a repeat: the number of its first layer
  std::vector<Statement> body, otherwise;
};

/// Parses one expression. Grammar: `or` of `and` of `not` of one comparison (== != < <= > >=) of sums of products
/// (* / %) of unary minus of numbers, 'strings', names, lists[index], calls f(a, key = b) and parentheses. Errors:
/// BadModel, the bare reason without a place.
Expected<Expression> parseExpression(std::string_view text);
/// Parses `name = expression` or `name, name = expression`.
Expected<Statement> parseAssignment(std::string_view text, int line);

/// Gives a name's value; empty if unknown.
using ScalarLookup = std::function<std::optional<Scalar>(const std::string &name)>;
/// Gives a call's value, for functions that need more than numbers; empty if unknown.
using ScalarCall = std::function<std::optional<Expected<Scalar>>(const Expression &call)>;

/// Evaluates without tensors. Integers stay exact: a quotient that isn't whole and any overflow are errors, not
/// roundings. `and`, `or` and choose(condition, a, b) evaluate what they need; each(count, value) makes a list of what
/// `value` is with `layer` = 0, 1, ….
Expected<Scalar> evaluate(const Expression &expression, const ScalarLookup &lookup, const ScalarCall &call = nullptr);

/// The names of the functions that evaluate() has.
std::span<const std::string_view> scalarFunctions();

} // namespace ph
