// Runs a program: a walk over its tree.
#pragma once
#include "runtime/template/Ast.h"
#include "runtime/template/Builtins.h"
#include "runtime/template/Machine.h"

namespace ph::jinja {

/// Variables of a block that has its own; looks through to the blocks around it.
struct Scope {
  Scope *outer = nullptr;
  std::vector<std::pair<std::string_view, Value>> variables;
  bool captured = false; ///< a macro holds on to it
};

/// What `loop` is in a for.
struct Loop {
  const std::vector<Value> *items;
  size_t index = 0; ///< from 0
  Value changed;
};

/// A macro and the scope where it was defined.
struct Macro {
  const MacroDefinition *definition;
  Scope *scope;
};

class Evaluator : public Machine {
public:
  Evaluator(const Program &program, const RenderOptions &options)
      : Machine(program.limits), options(options), program(program) {}

  /// Renders with these variables; the result is meaningful unless failed().
  std::string run(std::vector<std::pair<std::string_view, Value>> variables);

  // For builtins.
  /// subject.name in Python's order: attributes (methods) before entries.
  Value attribute(const Value &subject, std::string_view name);
  /// subject[key]: entries before attributes.
  Value item(const Value &subject, const Value &key);
  /// A dotted path of attributes and indices, as the filters' `attribute` parameter has it.
  Value path(const Value &subject, const Value &path);
  Value call(const Value &callee, Arguments &arguments);
  Value call(const Builtin &builtin, const Value &self, Arguments &arguments);
  Value arithmetic(Operator op, const Value &left, const Value &right);
  bool contains(const Value &container, const Value &element);
  bool holds(Operator op, const Value &left, const Value &right);
  /// The strings one after the other. With `escape`, if one is marked safe, HTML's characters in those that aren't are
  /// escaped, and the result is safe.
  Value join(std::span<const Value> parts, bool escape = false);

  const RenderOptions &options;

private:
  enum class Flow { Normal, Break, Continue };

  // Statements (Evaluate.cpp).
  Flow execute(const Block &block);
  Flow execute(const Stmt &statement);
  Flow executeFor(const Stmt &loop);
  void executeWith(const Stmt &with);
  void executeCallBlock(const Stmt &statement);
  void write(std::string_view text);
  /// What a block writes, as a string value.
  Value capture(const Block &block);
  void assign(const Expr &target, const Value &value);
  void set(std::string_view name, const Value &value);
  Value lookUp(std::string_view name);
  Scope *newScope(Scope *outer);
  Macro *newMacro(const MacroDefinition &definition);

  // Expressions (EvaluateExpression.cpp).
  Value evaluate(const Expr &expr);
  Value evaluateLogic(const Expr &expr);
  Value evaluateCompare(const Expr &expr);
  Value evaluateList(const Expr &expr);
  Value evaluateDict(const Expr &expr);
  Value evaluateConcat(const Expr &expr);
  Value evaluateSubscript(const Expr &expr);
  Value evaluateUnary(const Expr &expr);
  Value evaluateCall(const Expr &expr);
  Value evaluateBuiltin(const Expr &expr);
  Value slice(const Value &subject, const Expr &bounds);

  // Call.cpp and Access.cpp
  bool evaluateArguments(const Expr &expr, size_t first, Arguments &arguments);
  bool bind(const Builtin &builtin, Arguments &arguments);
  Value callMacro(const Macro &macro, Arguments &arguments);
  Value loopAttribute(const Loop &loop, std::string_view name);

  // Operators.cpp
  Value add(const Value &left, const Value &right);
  Value multiply(const Value &left, const Value &right);
  Value repeat(const Value &sequence, int64_t times);
  Value divide(Operator op, const Value &left, const Value &right);
  Value power(const Value &left, const Value &right);
  Value unsupported(const char *op, const Value &left, const Value &right);

  const Program &program;
  Scope *scope = nullptr;
  std::string *output = nullptr;
  std::deque<Scope> scopes;
  std::deque<Loop> loops;
  std::deque<Macro> macros;
  const Macro *pendingCaller = nullptr; ///< the body of a {% call %}, for the macro about to be called
  Value filterInput;                    ///< what a filter block or a filtered {% set %} applies to
  unsigned depth = 0;
  friend Value callLoop(Evaluator &, const Value &, Arguments &);
};

} // namespace ph::jinja
