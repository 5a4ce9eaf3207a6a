#include "runtime/template/Evaluator.h"

namespace ph::jinja {

Value Evaluator::evaluate(const Expr &expr) {
  line = expr.line;
  if (!step())
    return {};
  if (depth >= limits.depth)
    return fail("nested more than " + std::to_string(limits.depth) +
                " deep; a macro may be calling itself without an end");
  ++depth;
  Value value;
  switch (expr.kind) {
  case Expr::Literal:
    value = expr.literal;
    break;
  case Expr::Name:
    value = lookUp(expr.name);
    break;
  case Expr::List:
  case Expr::Tuple:
    value = evaluateList(expr);
    break;
  case Expr::Dict:
    value = evaluateDict(expr);
    break;
  case Expr::Unary:
    value = evaluateUnary(expr);
    break;
  case Expr::Binary: {
    const Value left = evaluate(*expr.args[0]);
    const Value right = failed() ? Value() : evaluate(*expr.args[1]);
    if (!failed())
      value = arithmetic(expr.op, left, right);
    break;
  }
  case Expr::Compare:
    value = evaluateCompare(expr);
    break;
  case Expr::And:
  case Expr::Or:
  case Expr::Not:
  case Expr::Conditional:
    value = evaluateLogic(expr);
    break;
  case Expr::Concat:
    value = evaluateConcat(expr);
    break;
  case Expr::Attribute:
    if (const Value subject = evaluate(*expr.args[0]); !failed())
      value = attribute(subject, expr.name);
    break;
  case Expr::Subscript:
    value = evaluateSubscript(expr);
    break;
  case Expr::Slice:
    value = fail("a slice outside of a subscript");
    break;
  case Expr::Call:
    value = evaluateCall(expr);
    break;
  case Expr::Filter:
  case Expr::Test:
    value = evaluateBuiltin(expr);
    break;
  }
  --depth;
  return value;
}

Value Evaluator::evaluateLogic(const Expr &expr) {
  const Value first = evaluate(*expr.args[0]);
  if (failed())
    return {};
  switch (expr.kind) {
  case Expr::Not:
    return Value::boolean(!truth(first));
  case Expr::And:
    return truth(first) ? evaluate(*expr.args[1]) : first;
  case Expr::Or:
    return truth(first) ? first : evaluate(*expr.args[1]);
  default:
    break;
  }
  if (truth(first))
    return evaluate(*expr.args[1]);
  if (expr.args[2])
    return evaluate(*expr.args[2]);
  return Value::missing("the inline if-expression evaluated to false and no else section was defined.", Value::message);
}

Value Evaluator::evaluateCompare(const Expr &expr) {
  Value left = evaluate(*expr.args[0]);
  for (size_t i = 0; i < expr.operators.size() && !failed(); ++i) {
    const Value right = evaluate(*expr.args[i + 1]);
    if (failed())
      return {};
    const bool good = holds(expr.operators[i], left, right);
    if (!good || failed())
      return Value::boolean(false);
    left = right;
  }
  return Value::boolean(true);
}

Value Evaluator::evaluateList(const Expr &expr) {
  List *list = newList(expr.args.size());
  for (const Expr *arg : expr.args)
    if (const Value value = evaluate(*arg); failed() || !push(list, value))
      return {};
  return Value::of(list, expr.kind == Expr::Tuple);
}

Value Evaluator::evaluateDict(const Expr &expr) {
  Dict *dict = newDict();
  for (size_t i = 0; i + 1 < expr.args.size(); i += 2) {
    const Value key = evaluate(*expr.args[i]);
    const Value value = failed() ? Value() : evaluate(*expr.args[i + 1]);
    if (failed() || !Machine::set(dict, key, value))
      return {};
  }
  return Value::of(dict);
}

Value Evaluator::evaluateConcat(const Expr &expr) {
  std::vector<Value> parts;
  for (const Expr *arg : expr.args) {
    const Value value = evaluate(*arg);
    parts.push_back(str(value));
    if (failed())
      return {};
  }
  return join(parts);
}

Value Evaluator::join(std::span<const Value> parts, bool escape) {
  bool safe = false;
  size_t size = 0;
  for (const Value &part : parts) {
    safe |= escape && part.safe;
    size += part.text.size();
  }
  if (!charge(size))
    return {};
  std::string joined;
  joined.reserve(size);
  for (const Value &part : parts) {
    if (!safe || part.safe) {
      joined += part.text;
      continue;
    }
    for (char c : part.text)
      switch (c) {
      case '&':
        joined += "&amp;";
        break;
      case '<':
        joined += "&lt;";
        break;
      case '>':
        joined += "&gt;";
        break;
      case '"':
        joined += "&#34;";
        break;
      case '\'':
        joined += "&#39;";
        break;
      default:
        joined += c;
      }
  }
  Value value = string(std::move(joined));
  value.safe = safe;
  return value;
}

Value Evaluator::evaluateUnary(const Expr &expr) {
  const Value value = evaluate(*expr.args[0]);
  if (failed())
    return {};
  if (value.isUndefined())
    return failUndefined(value);
  const bool negate = expr.op == Operator::Negate;
  if (!value.isNumber())
    return fail(std::string("bad operand type for unary ") + (negate ? "-" : "+") + ": '" + typeName(value) + "'");
  if (value.kind == Kind::Float)
    return negate ? Value::of(-value.number) : value;
  int64_t result = value.integer;
  if (negate && __builtin_sub_overflow(int64_t(0), value.integer, &result))
    return fail("an integer is too large");
  return Value::of(result);
}

Value Evaluator::evaluateSubscript(const Expr &expr) {
  const Value subject = evaluate(*expr.args[0]);
  if (failed())
    return {};
  if (expr.args[1]->kind == Expr::Slice)
    return slice(subject, *expr.args[1]);
  const Value key = evaluate(*expr.args[1]);
  return failed() ? Value() : item(subject, key);
}

} // namespace ph::jinja
