#include "runtime/template/Evaluator.h"

namespace ph::jinja {

std::string Evaluator::run(std::vector<std::pair<std::string_view, Value>> variables) {
  std::string result;
  output = &result;
  scope = newScope(nullptr);
  scope->variables = std::move(variables);
  execute(program.body);
  return result;
}

Scope *Evaluator::newScope(Scope *outer) {
  charge(sizeof(Scope));
  Scope &made = scopes.emplace_back();
  made.outer = outer;
  return &made;
}

Macro *Evaluator::newMacro(const MacroDefinition &definition) {
  charge(sizeof(Macro));
  for (Scope *s = scope; s && !s->captured; s = s->outer)
    s->captured = true;
  return &macros.emplace_back(Macro{&definition, scope});
}

void Evaluator::write(std::string_view text) {
  if (!charge(text.size()))
    return;
  if (text.size() > limits.output - output->size()) {
    fail("more than " + std::to_string(limits.output) + " bytes of output");
    return;
  }
  *output += text;
}

Value Evaluator::capture(const Block &block) {
  std::string captured;
  std::string *outer = std::exchange(output, &captured);
  execute(block);
  output = outer;
  return string(std::move(captured));
}

Value Evaluator::lookUp(std::string_view name) {
  for (Scope *s = scope; s; s = s->outer) {
    step(s->variables.size() / 16);
    for (const auto &[candidate, value] : s->variables)
      if (candidate == name)
        return value;
  }
  if (const Builtin *function = findFunction(name)) {
    Value value = Value::none();
    value.kind = Kind::Function;
    value.function = function;
    return value;
  }
  return Value::missing(name);
}

void Evaluator::set(std::string_view name, const Value &value) {
  step(scope->variables.size() / 16);
  for (auto &[candidate, old] : scope->variables)
    if (candidate == name) {
      old = value;
      return;
    }
  if (charge(sizeof(scope->variables[0])))
    scope->variables.emplace_back(name, value);
}

void Evaluator::assign(const Expr &target, const Value &value) {
  if (target.kind == Expr::Name)
    return set(target.name, value);
  if (target.kind == Expr::Attribute) {
    Value space = lookUp(target.args[0]->name);
    if (space.kind != Kind::Namespace) {
      fail("cannot assign attribute on non-namespace object");
      return;
    }
    Machine::set(space.dict, Value::view(target.name), value);
    return;
  }
  if (value.isUndefined()) {
    failUndefined(value);
    return;
  }
  const std::vector<Value> *values = iterate(value);
  if (failed())
    return;
  if (values->size() != target.args.size()) {
    const std::string expected = std::to_string(target.args.size());
    if (values->size() < target.args.size())
      fail("not enough values to unpack (expected " + expected + ", got " + std::to_string(values->size()) + ")");
    else
      fail("too many values to unpack (expected " + expected + ")");
    return;
  }
  for (size_t i = 0; i < values->size(); ++i)
    assign(*target.args[i], (*values)[i]);
}

Evaluator::Flow Evaluator::execute(const Block &block) {
  for (const Stmt *statement : block) {
    const Flow flow = execute(*statement);
    if (failed() || flow != Flow::Normal)
      return flow;
  }
  return Flow::Normal;
}

Evaluator::Flow Evaluator::execute(const Stmt &statement) {
  line = statement.line;
  if (!step())
    return Flow::Normal;
  if (depth >= limits.depth) {
    fail("nested more than " + std::to_string(limits.depth) + " deep; a macro may be calling itself without an end");
    return Flow::Normal;
  }
  ++depth;
  Flow flow = Flow::Normal;
  switch (statement.kind) {
  case Stmt::Text:
    write(statement.text);
    break;
  case Stmt::Output:
    if (Value value = str(evaluate(*statement.value)); !failed())
      write(value.text);
    break;
  case Stmt::If:
    for (const auto &[condition, body] : statement.branches) {
      if (condition && !truth(evaluate(*condition))) {
        if (failed())
          break;
        continue;
      }
      if (!failed())
        flow = execute(body);
      break;
    }
    break;
  case Stmt::For:
    flow = executeFor(statement);
    break;
  case Stmt::Set:
    if (Value value = evaluate(*statement.value); !failed())
      assign(*statement.target, value);
    break;
  case Stmt::SetBlock:
  case Stmt::FilterBlock: {
    Scope *outer = scope;
    scope = newScope(outer);
    Value value = capture(statement.body);
    scope = outer;
    if (failed())
      break;
    if (statement.value) {
      filterInput = value;
      value = evaluate(*statement.value);
    }
    if (failed())
      break;
    if (statement.kind == Stmt::SetBlock)
      assign(*statement.target, value);
    else if (Value text = str(value); !failed())
      write(text.text);
    break;
  }
  case Stmt::Macro: {
    Value value = Value::none();
    value.kind = Kind::Macro;
    value.macro = newMacro(statement.macro);
    set(statement.macro.name, value);
    break;
  }
  case Stmt::CallBlock:
    executeCallBlock(statement);
    break;
  case Stmt::With:
    executeWith(statement);
    break;
  case Stmt::Break:
    flow = Flow::Break;
    break;
  case Stmt::Continue:
    flow = Flow::Continue;
    break;
  }
  --depth;
  return flow;
}

void Evaluator::executeWith(const Stmt &with) {
  Scope *outer = scope, *inner = newScope(outer);
  for (const auto &[target, expr] : with.assignments) {
    const Value value = evaluate(*expr); // none sees the others
    if (failed())
      return;
    scope = inner;
    assign(*target, value);
    scope = outer;
  }
  // {% generation %} only marks its body, so what is set there stays.
  if (!with.assignments.empty())
    scope = inner;
  execute(with.body);
  scope = outer;
}

void Evaluator::executeCallBlock(const Stmt &statement) {
  const Expr &expr = *statement.value;
  Macro *caller = newMacro(statement.macro);
  const Value callee = evaluate(*expr.args[0]);
  Arguments arguments;
  if (failed() || !evaluateArguments(expr, 1, arguments))
    return;
  pendingCaller = caller;
  const Value value = str(call(callee, arguments));
  pendingCaller = nullptr;
  if (!failed())
    write(value.text);
}

Evaluator::Flow Evaluator::executeFor(const Stmt &loop) {
  const Value iterable = evaluate(*loop.value);
  if (failed())
    return Flow::Normal;
  const std::vector<Value> *items = iterate(iterable);
  Scope *outer = scope;
  scope = newScope(outer);
  if (loop.condition) {
    List *kept = newList();
    for (size_t i = 0; i < items->size() && !failed(); ++i) {
      const Value item = (*items)[i];
      assign(*loop.target, item);
      if (!failed() && truth(evaluate(*loop.condition)) && !failed())
        push(kept, item);
    }
    items = &kept->items;
  }

  Loop *state = nullptr;
  if (!items->empty() && charge(sizeof(Loop))) {
    state = &loops.emplace_back();
    state->items = items;
  }
  Value loopValue = Value::none();
  loopValue.kind = Kind::Loop;
  loopValue.loop = state;
  Flow flow = Flow::Normal;
  for (size_t i = 0; state && i < items->size() && !failed() && flow != Flow::Break; ++i) {
    // Each round has its own variables; the old ones are used again unless a macro can still see them.
    if (scope->captured)
      scope = newScope(outer);
    else
      scope->variables.clear();
    state->index = i;
    set("loop", loopValue);
    assign(*loop.target, (*items)[i]);
    if (!failed())
      flow = execute(loop.body);
  }
  scope = outer;
  if (!state && !failed()) {
    scope = newScope(outer);
    flow = execute(loop.otherwise);
    scope = outer;
    return flow;
  }
  return Flow::Normal;
}

} // namespace ph::jinja
