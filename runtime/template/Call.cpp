// Calls: of macros, and of builtins with their arguments in order.
#include "runtime/template/Evaluator.h"

namespace ph::jinja {

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

} // namespace ph::jinja
