// What templates can call: filters, tests, methods and functions, each a row of a table.
#pragma once
#include "runtime/template/Value.h"
#include <span>

namespace ph::jinja {

class Evaluator;

/// The arguments of a call: bound to the parameters' order for builtins that name them.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string_view, Value>> keywords;
  std::vector<bool> given; ///< after binding: which of `positional` were passed

  bool has(size_t i) const { return i < given.size() && given[i]; }
  /// Argument i after binding, or `absent`.
  Value get(size_t i, Value absent = Value::none()) const { return has(i) ? positional[i] : absent; }
};

using BuiltinFunction = Value (*)(Evaluator &, const Value &self, Arguments &);

struct Builtin {
  std::string_view name;
  BuiltinFunction call;
  /// Names of the parameters with commas between; the first `required` must be given. "*": any, left as they are.
  std::string_view parameters = "";
  unsigned required = 0;
};

const Builtin *findFilter(std::string_view name);
const Builtin *findTest(std::string_view name);
const Builtin *findFunction(std::string_view name);
/// The method of the value's type, or null. Those that would change a list or dictionary are not there.
const Builtin *findMethod(const Value &self, std::string_view name);
/// Whether Python has such a method, which the sandbox forbids because it changes its subject.
bool isForbiddenMethod(const Value &self, std::string_view name);

std::span<const Builtin> textFilters();
std::span<const Builtin> numberFilters();
std::span<const Builtin> sequenceFilters();
std::span<const Builtin> stringMethods();
inline const Builtin *findIn(std::span<const Builtin> table, std::string_view name) {
  for (const Builtin &builtin : table)
    if (builtin.name == name)
      return &builtin;
  return nullptr;
}

} // namespace ph::jinja
