#include "runtime/template/Evaluator.h"
#include "runtime/template/Format.h"
#include <cmath>

namespace ph::jinja {

Value Evaluator::unsupported(const char *op, const Value &left, const Value &right) {
  return fail(std::string("unsupported operand type(s) for ") + op + ": '" + typeName(left) + "' and '" +
              typeName(right) + "'");
}

Value Evaluator::arithmetic(Operator op, const Value &left, const Value &right) {
  for (const Value *side : {&left, &right})
    if (side->isUndefined() && !(op == Operator::Modulo && left.isString()))
      return failUndefined(*side);
  int64_t result;
  switch (op) {
  case Operator::Add:
    return add(left, right);
  case Operator::Multiply:
    return multiply(left, right);
  case Operator::Subtract:
    if (!left.isNumber() || !right.isNumber())
      return unsupported("-", left, right);
    if (!left.isInteger() || !right.isInteger())
      return Value::of(left.asDouble() - right.asDouble());
    if (__builtin_sub_overflow(left.integer, right.integer, &result))
      return fail("an integer is too large");
    return Value::of(result);
  case Operator::Modulo:
    if (left.isString())
      return formatPercent(*this, left.text, right);
    [[fallthrough]];
  case Operator::Divide:
  case Operator::FloorDivide:
    return divide(op, left, right);
  case Operator::Power:
    return power(left, right);
  default:
    return fail("not an arithmetic operator");
  }
}

Value Evaluator::add(const Value &left, const Value &right) {
  if (left.isNumber() && right.isNumber()) {
    int64_t result;
    if (!left.isInteger() || !right.isInteger())
      return Value::of(left.asDouble() + right.asDouble());
    if (__builtin_add_overflow(left.integer, right.integer, &result))
      return fail("an integer is too large");
    return Value::of(result);
  }
  if (left.isString() && right.isString()) {
    const Value parts[] = {left, right};
    return join(parts, /*escape=*/true);
  }
  if (left.isList() && left.kind == right.kind) {
    List *list = newList(left.list->items.size() + right.list->items.size());
    for (const Value *side : {&left, &right})
      for (const Value &value : side->list->items)
        if (!push(list, value))
          return {};
    return Value::of(list, left.kind == Kind::Tuple);
  }
  if (left.isString())
    return fail(std::string("can only concatenate str (not \"") + typeName(right) + "\") to str");
  if (left.isList())
    return fail(std::string("can only concatenate ") + typeName(left) + " (not \"" + typeName(right) + "\") to " +
                typeName(left));
  return unsupported("+", left, right);
}

Value Evaluator::multiply(const Value &left, const Value &right) {
  if (left.isNumber() && right.isNumber()) {
    int64_t result;
    if (!left.isInteger() || !right.isInteger())
      return Value::of(left.asDouble() * right.asDouble());
    if (__builtin_mul_overflow(left.integer, right.integer, &result))
      return fail("an integer is too large");
    return Value::of(result);
  }
  if ((left.isString() || left.isList()) && right.isInteger())
    return repeat(left, right.integer);
  if ((right.isString() || right.isList()) && left.isInteger())
    return repeat(right, left.integer);
  return unsupported("*", left, right);
}

Value Evaluator::repeat(const Value &sequence, int64_t times) {
  times = std::max<int64_t>(times, 0);
  size_t total;
  const size_t one = sequence.isString() ? sequence.text.size() : sequence.list->items.size() * sizeof(Value);
  if (__builtin_mul_overflow(one, static_cast<size_t>(times), &total))
    total = ~size_t(0);
  if (!step(total / 64) || !charge(total))
    return {};
  if (sequence.isString()) {
    std::string text;
    text.reserve(total);
    for (int64_t i = 0; i < times && one; ++i)
      text += sequence.text;
    return string(std::move(text));
  }
  List *list = newList();
  for (int64_t i = 0; i < times && one; ++i)
    for (const Value &value : sequence.list->items)
      if (!push(list, value))
        return {};
  return Value::of(list, sequence.kind == Kind::Tuple);
}

Value Evaluator::divide(Operator op, const Value &left, const Value &right) {
  const char *sign = op == Operator::Divide ? "/" : op == Operator::FloorDivide ? "//" : "%";
  if (!left.isNumber() || !right.isNumber())
    return unsupported(sign, left, right);
  if (right.asDouble() == 0)
    return fail(op == Operator::FloorDivide ? "integer division or modulo by zero"
                : op == Operator::Modulo    ? "integer modulo by zero"
                                            : "division by zero");
  if (op == Operator::Divide)
    return Value::of(left.asDouble() / right.asDouble());
  if (left.isInteger() && right.isInteger()) {
    if (right.integer == -1) { // the quotient of the smallest integer would not fit
      int64_t negated;
      if (op == Operator::Modulo)
        return Value::of(int64_t(0));
      return __builtin_sub_overflow(int64_t(0), left.integer, &negated) ? fail("an integer is too large")
                                                                        : Value::of(negated);
    }
    int64_t quotient = left.integer / right.integer, remainder = left.integer % right.integer;
    if (remainder && (remainder < 0) != (right.integer < 0)) { // towards minus infinity, as Python
      --quotient;
      remainder += right.integer;
    }
    return Value::of(op == Operator::Modulo ? remainder : quotient);
  }
  const double a = left.asDouble(), b = right.asDouble();
  if (op == Operator::FloorDivide)
    return Value::of(std::floor(a / b));
  double remainder = std::fmod(a, b);
  if (remainder && (remainder < 0) != (b < 0))
    remainder += b;
  return Value::of(remainder);
}

Value Evaluator::power(const Value &left, const Value &right) {
  if (!left.isNumber() || !right.isNumber())
    return unsupported("** or pow()", left, right);
  if (!left.isInteger() || !right.isInteger() || right.integer < 0) {
    const double result = std::pow(left.asDouble(), right.asDouble());
    return std::isfinite(result) ? Value::of(result) : fail("the result of ** is not a finite number");
  }
  int64_t result = 1, base = left.integer;
  for (int64_t exponent = right.integer; exponent; exponent >>= 1) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
      return fail("an integer is too large");
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base))
      return fail("an integer is too large");
  }
  return Value::of(result);
}

bool Evaluator::contains(const Value &container, const Value &element) {
  if (container.isString()) {
    if (!element.isString()) {
      if (element.isUndefined())
        failUndefined(element);
      fail(std::string("'in <string>' requires string as left operand, not ") + typeName(element));
      return false;
    }
    step(container.text.size() / 64);
    return container.text.find(element.text) != std::string_view::npos;
  }
  if (container.isDict())
    return find(container.dict, element) != nullptr;
  if (!container.isList() && !container.isUndefined()) {
    fail(std::string("argument of type '") + typeName(container) + "' is not iterable");
    return false;
  }
  for (const Value &value : *iterate(container))
    if (equals(value, element))
      return true;
  return false;
}

bool Evaluator::holds(Operator op, const Value &left, const Value &right) {
  switch (op) {
  case Operator::Equal:
    return equals(left, right);
  case Operator::NotEqual:
    return !equals(left, right);
  case Operator::Less:
    return compare(left, right, "<") < 0;
  case Operator::LessEqual:
    return compare(left, right, "<=") <= 0;
  case Operator::Greater:
    return compare(left, right, ">") > 0;
  case Operator::GreaterEqual:
    return compare(left, right, ">=") >= 0;
  case Operator::In:
    return contains(right, left);
  case Operator::NotIn:
    return !contains(right, left);
  default:
    return false;
  }
}

} // namespace ph::jinja
