#include "runtime/template/Evaluator.h"
#include "runtime/template/Text.h"
#include <charconv>

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

Value Evaluator::attribute(const Value &subject, std::string_view name) {
  switch (subject.kind) {
  case Kind::Undefined:
    return failUndefined(subject);
  case Kind::Loop:
    return loopAttribute(*subject.loop, name);
  case Kind::Namespace:
    if (const Value *value = find(subject.dict, Value::view(name)))
      return *value;
    break;
  case Kind::Macro:
    if (name == "name")
      return Value::view(subject.macro->definition->name);
    break;
  default:
    if (const Builtin *builtin = findMethod(subject, name))
      return method(subject, builtin);
    if (isForbiddenMethod(subject, name)) {
      const Value why =
          string("access to attribute '" + std::string(name) + "' of '" + typeName(subject) + "' object is unsafe.");
      return Value::missing(why.text, Value::message);
    }
    if (subject.isDict())
      if (const Value *value = find(subject.dict, Value::view(name)))
        return *value;
  }
  return Value::missing(name, static_cast<int64_t>(subject.kind));
}

Value Evaluator::item(const Value &subject, const Value &key) {
  if (subject.isUndefined())
    return failUndefined(subject);
  if (subject.isDict())
    if (const Value *value = find(subject.dict, key))
      return *value;
  if (key.isInteger() && (subject.isList() || subject.isString())) {
    const int64_t count = static_cast<int64_t>(length(subject)),
                  index = key.integer < 0 ? key.integer + count : key.integer;
    if (index >= 0 && index < count) {
      if (subject.isList())
        return subject.list->items[index];
      const size_t begin = offsetOf(subject.text, index);
      return Value::view(subject.text.substr(begin, offsetOf(subject.text.substr(begin), 1)));
    }
  }
  if (key.isString())
    return attribute(subject, key.text);
  if (failed())
    return {};
  std::string shown;
  appendRepr(shown, key);
  const std::string type = subject.isNone() ? "None" : std::string(typeName(subject)) + " object";
  return Value::missing(string(type + " has no element " + shown).text, Value::message);
}

Value Evaluator::path(const Value &subject, const Value &path) {
  if (path.isInteger())
    return item(subject, path);
  if (!path.isString())
    return fail("an attribute's name must be a string");
  Value value = subject;
  std::string_view rest = path.text;
  while (!failed()) {
    const size_t dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    int64_t index = 0;
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    const bool number = error == std::errc() && end == part.data() + part.size() && part[0] != '-';
    value = item(value, number ? Value::of(index) : Value::view(part));
    if (dot == std::string_view::npos)
      break;
    rest.remove_prefix(dot + 1);
  }
  return value;
}

Value Evaluator::slice(const Value &subject, const Expr &bounds) {
  std::optional<int64_t> given[3];
  for (size_t i = 0; i < 3; ++i) {
    if (!bounds.args[i])
      continue;
    const Value value = evaluate(*bounds.args[i]);
    if (failed())
      return {};
    if (value.isInteger())
      given[i] = value.integer;
    else if (!value.isNone())
      return fail("slice indices must be integers or None or have an __index__ method");
  }
  if (subject.isUndefined())
    return failUndefined(subject);
  if (!subject.isList() && !subject.isString())
    return Value::missing(string(std::string(typeName(subject)) + " object has no such slice").text, Value::message);
  const int64_t count = static_cast<int64_t>(length(subject)), stride = given[2].value_or(1);
  if (stride == 0)
    return fail("slice step cannot be zero");
  const int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? count : count - 1;
  auto clamp = [&](int64_t i) { return std::min(std::max(i < 0 ? i + count : i, low), high); };
  const int64_t begin = given[0] ? clamp(*given[0]) : stride > 0 ? low : high;
  const int64_t end = given[1] ? clamp(*given[1]) : stride > 0 ? high : low;
  if (subject.isString() && stride == 1) {
    if (begin >= end)
      return Value::view({});
    const size_t first = offsetOf(subject.text, begin);
    return Value::view(subject.text.substr(first, offsetOf(subject.text.substr(first), end - begin)));
  }
  const std::vector<Value> *items = iterate(subject);
  List *list = newList();
  // Unsigned steps: begin + stride may leave int64 for a huge stride, but then the loop is over.
  for (int64_t i = begin; stride > 0 ? i < end : i > end;) {
    if (failed() || !push(list, (*items)[i]) || __builtin_add_overflow(i, stride, &i))
      break;
  }
  if (failed() || subject.isList())
    return Value::of(list, subject.kind == Kind::Tuple);
  return join(list->items);
}

bool Evaluator::evaluateArguments(const Expr &expr, size_t first, Arguments &arguments) {
  for (size_t i = first; i < expr.args.size(); ++i) {
    arguments.positional.push_back(evaluate(*expr.args[i]));
    if (failed())
      return false;
  }
  for (const auto &[name, value] : expr.keywords) {
    arguments.keywords.emplace_back(name, evaluate(*value));
    if (failed())
      return false;
  }
  return true;
}

Value Evaluator::evaluateCall(const Expr &expr) {
  const Value callee = evaluate(*expr.args[0]);
  Arguments arguments;
  if (failed() || !evaluateArguments(expr, 1, arguments))
    return {};
  line = expr.line;
  return call(callee, arguments);
}

Value Evaluator::evaluateBuiltin(const Expr &expr) {
  const bool filter = expr.kind == Expr::Filter;
  if (!expr.builtin)
    return fail(std::string("no ") + (filter ? "filter" : "test") + " named '" + std::string(expr.name) + "'");
  const Value subject = expr.args[0] ? evaluate(*expr.args[0]) : filterInput;
  Arguments arguments;
  if (failed() || !evaluateArguments(expr, 1, arguments))
    return {};
  line = expr.line;
  return call(*expr.builtin, subject, arguments);
}

Value Evaluator::call(const Value &callee, Arguments &arguments) {
  switch (callee.kind) {
  case Kind::Function:
    return call(*callee.function, Value::none(), arguments);
  case Kind::Method:
    return call(*callee.bound->builtin, callee.bound->self, arguments);
  case Kind::Macro:
    return callMacro(*callee.macro, arguments);
  case Kind::Undefined:
    return failUndefined(callee);
  default:
    return fail(std::string("'") + typeName(callee) + "' object is not callable");
  }
}

Value Evaluator::call(const Builtin &builtin, const Value &self, Arguments &arguments) {
  if (failed() || !bind(builtin, arguments))
    return {};
  return builtin.call(*this, self, arguments);
}

bool Evaluator::bind(const Builtin &builtin, Arguments &arguments) {
  if (builtin.parameters == "*")
    return true;
  const std::string name(builtin.name);
  std::vector<std::string_view> names;
  for (std::string_view rest = builtin.parameters; !rest.empty();) {
    const size_t comma = rest.find(',');
    names.push_back(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  if (arguments.positional.size() > names.size()) {
    fail(name + "() takes at most " + std::to_string(names.size()) + " arguments, but got " +
         std::to_string(arguments.positional.size()));
    return false;
  }
  arguments.given.assign(names.size(), false);
  std::fill_n(arguments.given.begin(), arguments.positional.size(), true);
  arguments.positional.resize(names.size());
  for (const auto &[keyword, value] : arguments.keywords) {
    size_t i = 0;
    while (i < names.size() && names[i] != keyword)
      ++i;
    if (i == names.size() || arguments.given[i]) {
      fail(name + "() got " + (i == names.size() ? "an unexpected" : "two values for the") + " argument '" +
           std::string(keyword) + "'");
      return false;
    }
    arguments.positional[i] = value;
    arguments.given[i] = true;
  }
  for (unsigned i = 0; i < builtin.required; ++i)
    if (!arguments.given[i]) {
      fail(name + "() missing the argument '" + std::string(names[i]) + "'");
      return false;
    }
  return true;
}

Value Evaluator::callMacro(const Macro &macro, Arguments &arguments) {
  const MacroDefinition &definition = *macro.definition;
  const Macro *caller = std::exchange(pendingCaller, nullptr);
  Scope *outer = std::exchange(scope, newScope(macro.scope));
  std::vector<bool> used(arguments.keywords.size(), false);
  for (size_t i = 0; i < definition.parameters.size() && !failed(); ++i) {
    const auto &[name, byDefault] = definition.parameters[i];
    Value value = Value::missing(name);
    bool found = i < arguments.positional.size();
    if (found)
      value = arguments.positional[i];
    for (size_t k = 0; k < arguments.keywords.size(); ++k)
      if (arguments.keywords[k].first == name) {
        if (found)
          fail("macro '" + std::string(definition.name) + "' got two values for the argument '" + std::string(name) +
               "'");
        value = arguments.keywords[k].second;
        used[k] = found = true;
      }
    if (!found && byDefault)
      value = evaluate(*byDefault);
    set(name, value);
  }
  if (definition.usesVarargs) {
    List *rest = newList();
    for (size_t i = definition.parameters.size(); i < arguments.positional.size(); ++i)
      push(rest, arguments.positional[i]);
    Dict *named = newDict();
    for (size_t k = 0; k < used.size(); ++k)
      if (!used[k])
        Machine::set(named, Value::view(arguments.keywords[k].first), arguments.keywords[k].second);
    set("varargs", Value::of(rest, true));
    set("kwargs", Value::of(named));
  } else if (arguments.positional.size() > definition.parameters.size())
    fail("macro '" + std::string(definition.name) + "' takes not more than " +
         std::to_string(definition.parameters.size()) + " argument(s)");
  else
    for (size_t k = 0; k < used.size(); ++k)
      if (!used[k])
        fail("macro '" + std::string(definition.name) + "' takes no keyword argument '" +
             std::string(arguments.keywords[k].first) + "'");
  if (caller) {
    Value value = Value::none();
    value.kind = Kind::Macro;
    value.macro = const_cast<Macro *>(caller);
    set("caller", value);
  }
  Value result = failed() ? Value() : capture(definition.body);
  scope = outer;
  return result;
}

Value Evaluator::loopAttribute(const Loop &loop, std::string_view name) {
  const int64_t count = static_cast<int64_t>(loop.items->size()), index = static_cast<int64_t>(loop.index);
  if (name == "index")
    return Value::of(index + 1);
  if (name == "index0")
    return Value::of(index);
  if (name == "revindex")
    return Value::of(count - index);
  if (name == "revindex0")
    return Value::of(count - index - 1);
  if (name == "first")
    return Value::boolean(index == 0);
  if (name == "last")
    return Value::boolean(index + 1 == count);
  if (name == "length")
    return Value::of(count);
  if (name == "depth" || name == "depth0") // these count recursive loops only
    return Value::of(int64_t(name == "depth"));
  if (name == "previtem")
    return index > 0 ? (*loop.items)[index - 1] : Value::missing("there is no previous item", Value::message);
  if (name == "nextitem")
    return index + 1 < count ? (*loop.items)[index + 1] : Value::missing("there is no next item", Value::message);
  Value self = Value::none();
  self.kind = Kind::Loop;
  self.loop = const_cast<Loop *>(&loop);
  if (const Builtin *builtin = findMethod(self, name))
    return method(self, builtin);
  return Value::missing(name, static_cast<int64_t>(Kind::Loop));
}

} // namespace ph::jinja
