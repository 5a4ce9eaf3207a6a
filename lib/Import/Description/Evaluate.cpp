// Values of expressions of architecture files, without tensors.
#include "Expression.h"
#include <algorithm>
#include <cmath>

namespace ph {
namespace {

constexpr int64_t kLongestList = 1 << 16;
/// Of one expression: lists of lists of lists would have no bound.
constexpr int64_t kMostSteps = 1 << 20;

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
  if (a.index() == b.index() && (std::holds_alternative<bool>(a) || std::holds_alternative<std::string>(a)) &&
      (op == "==" || op == "!="))
    return Scalar(*compare(op, a, b));
  return bare("'" + op + "' can't join " + toString(a) + " and " + toString(b));
}

Expected<Scalar> rounded(double value) {
  if (!(std::fabs(value) < 9e15))
    return bare(toString(value) + " is too large for an integer");
  return Scalar(static_cast<int64_t>(value));
}

const ScalarList *asList(const Scalar &value) {
  auto *list = std::get_if<std::shared_ptr<const ScalarList>>(&value);
  return list ? list->get() : nullptr;
}

Expected<Scalar> index(const Scalar &value, const Scalar &at) {
  const ScalarList *list = asList(value);
  auto *number = std::get_if<int64_t>(&at);
  if (!list || !number)
    return bare("[] needs a list and an integer, but got " + toString(value) + " and " + toString(at));
  if (*number < 0 || *number >= int64_t(list->items.size()))
    return bare("the list has " + std::to_string(list->items.size()) + " entries, none of the number " + toString(at));
  return list->items[*number];
}

Expected<Scalar> ofNumber(const Expression &call, double value) {
  if (call.text == "sqrt" && value < 0)
    return bare("sqrt needs a number that is not negative");
  if (call.text == "ln" && value <= 0)
    return bare("ln needs a number above 0");
  if (call.text == "floor")
    return rounded(std::floor(value));
  double result = call.text == "sqrt" ? std::sqrt(value) : call.text == "ln" ? std::log(value) : std::exp(value);
  if (!std::isfinite(result))
    return bare(call.text + "(" + toString(value) + ") has no finite value");
  return Scalar(result);
}

Expected<Scalar> applyFunction(const Expression &call, const std::vector<Scalar> &values) {
  auto is = [&](std::string_view name, size_t count) { return call.text == name && values.size() == count; };
  if (is("sqrt", 1) || is("ln", 1) || is("exp", 1) || is("floor", 1)) {
    std::optional<double> value = asReal(values[0]);
    if (!value)
      return bare(call.text + " needs a number");
    return ofNumber(call, *value);
  }
  if (is("min", 2) || is("max", 2)) {
    std::optional<double> a = asReal(values[0]), b = asReal(values[1]);
    if (!a || !b)
      return bare(call.text + " needs two numbers");
    return (*a < *b) == (call.text == "min") ? values[0] : values[1];
  }
  if (is("length", 1) || is("contains", 2)) {
    const ScalarList *list = asList(values[0]);
    if (!list)
      return bare(call.text + " needs a list, but got " + toString(values[0]));
    if (values.size() == 1)
      return Scalar(int64_t(list->items.size()));
    return Scalar(std::find(list->items.begin(), list->items.end(), values[1]) != list->items.end());
  }
  return bare("no function '" + call.text + "' of " + std::to_string(values.size()) + " values is known");
}

/// Evaluates one expression; what needs only some of its arguments is decided here.
class Evaluator {
public:
  Evaluator(const ScalarLookup &lookup, const ScalarCall &call, int64_t &steps)
      : lookup(lookup), call(call), steps(steps) {}

  Expected<Scalar> value(const Expression &e) const {
    if (--steps < 0)
      return bare("takes more than " + std::to_string(kMostSteps) + " steps");
    switch (e.kind) {
    case Expression::Kind::Integer:
      return Scalar(e.integer);
    case Expression::Kind::Real:
      return Scalar(e.real);
    case Expression::Kind::String:
      return Scalar(e.text);
    case Expression::Kind::Name:
      if (e.text == "true" || e.text == "false")
        return Scalar(e.text == "true");
      if (std::optional<Scalar> known = lookup(e.text))
        return *known;
      return bare("\"" + e.text + "\" is not defined");
    case Expression::Kind::Operator:
      return e.text == "and" || e.text == "or" || e.text == "not" ? logic(e) : strict(e);
    case Expression::Kind::Call:
      if (call)
        if (std::optional<Expected<Scalar>> known = call(e))
          return *known;
      if (e.text == "choose" && e.arguments.size() == 3) {
        Expected<bool> first = truth(e.arguments[0]);
        return first ? value(e.arguments[*first ? 1 : 2]) : Expected<Scalar>(first.error());
      }
      if (e.text == "each" && e.arguments.size() == 2)
        return each(e);
      return strict(e);
    }
    return bare("an empty expression");
  }

private:
  Expected<bool> truth(const Expression &e) const {
    Expected<Scalar> result = value(e);
    if (!result)
      return result.error();
    if (auto *flag = std::get_if<bool>(&*result))
      return *flag;
    return bare(toString(*result) + " is neither true nor false");
  }

  Expected<Scalar> logic(const Expression &e) const {
    Expected<bool> first = truth(e.arguments[0]);
    if (!first)
      return first.error();
    if (e.text == "not")
      return Scalar(!*first);
    if (*first == (e.text == "or"))
      return Scalar(*first);
    Expected<bool> second = truth(e.arguments[1]);
    return second ? Expected<Scalar>(Scalar(*second)) : Expected<Scalar>(second.error());
  }

  Expected<Scalar> strict(const Expression &e) const {
    std::vector<Scalar> values;
    for (const Expression &argument : e.arguments) {
      Expected<Scalar> next = value(argument);
      if (!next)
        return next.error();
      values.push_back(std::move(*next));
    }
    if (e.is(Expression::Kind::Call))
      return applyFunction(e, values);
    return e.text == "[]" ? index(values[0], values[1]) : applyOperator(e.text, values[0], values[1]);
  }

  Expected<Scalar> each(const Expression &e) const {
    Expected<Scalar> count = value(e.arguments[0]);
    if (!count)
      return count.error();
    auto *number = std::get_if<int64_t>(&*count);
    if (!number || *number < 0 || *number > kLongestList)
      return bare("each needs how many there are, but got " + toString(*count));
    std::vector<Scalar> items;
    for (int64_t layer = 0; layer < *number; ++layer) {
      ScalarLookup inner = [&](const std::string &name) {
        return name == "layer" ? std::optional<Scalar>(layer) : lookup(name);
      };
      Expected<Scalar> item = Evaluator(inner, call, steps).value(e.arguments[1]);
      if (!item)
        return item.error();
      items.push_back(std::move(*item));
    }
    return makeList(std::move(items));
  }

  const ScalarLookup &lookup;
  const ScalarCall &call;
  int64_t &steps; ///< left
};

} // namespace

std::span<const std::string_view> scalarFunctions() {
  static constexpr std::string_view names[] = {"sqrt", "ln",     "exp",      "floor",  "min",
                                               "max",  "length", "contains", "choose", "each"};
  return names;
}

Expected<Scalar> evaluate(const Expression &expression, const ScalarLookup &lookup, const ScalarCall &call) {
  int64_t steps = kMostSteps;
  return Evaluator(lookup, call, steps).value(expression);
}

} // namespace ph
