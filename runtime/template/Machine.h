// The memory of one rendering, and the account of what it costs.
#pragma once
#include "runtime/template/Template.h"
#include "runtime/template/Value.h"
#include <deque>

namespace ph::jinja {

/// A method or a filter bound to its subject, waiting to be called.
struct Bound {
  Value self;
  const Builtin *builtin;
};

/// Owns every string, list and dictionary that a rendering makes; all are freed together at its end, so values may
/// refer to each other in any way. Once something failed, everything fails: callers look at failed() where they would
/// go on.
class Machine {
public:
  explicit Machine(const TemplateLimits &limits) : limits(limits) {}

  bool failed() const { return hasFailed; }
  const Error &error() const { return failure; }
  /// Records a failure at the current line, unless there is one already. Gives an undefined value to return.
  Value fail(const std::string &message);
  /// The template's own complaint, in its own words.
  Value raise(std::string_view message);
  /// What happens when an undefined value is used as if it were one.
  Value failUndefined(const Value &value);

  /// Counts work. False once something failed.
  bool step(size_t count = 1) {
    if (count > stepsLeft())
      tooMany("steps", limits.steps);
    else
      steps += count;
    return !hasFailed;
  }
  /// Counts bytes about to be made. False once something failed.
  bool charge(size_t count) {
    if (count > limits.bytes - bytes)
      tooMany("bytes made", limits.bytes);
    else
      bytes += count;
    return !hasFailed;
  }

  /// A string of the template's own.
  Value string(std::string text);
  List *newList(size_t reserved = 0);
  Dict *newDict() {
    charge(sizeof(Dict));
    return &dicts.emplace_back();
  }
  Value method(const Value &self, const Builtin *builtin);
  /// Appends, and pays for it.
  bool push(List *list, const Value &value) {
    if (!charge(sizeof(Value)) || !step())
      return false;
    list->items.push_back(value);
    return true;
  }
  /// Adds or replaces an entry. Fails for a key that Python could not hash.
  bool set(Dict *dict, const Value &key, const Value &value);
  const Value *find(const Dict *dict, const Value &key);

  /// str(): what {{ value }} writes. repr(): as inside of a list.
  Value str(const Value &value);
  void appendStr(std::string &out, const Value &value, unsigned depth = 0);
  void appendRepr(std::string &out, const Value &value, unsigned depth = 0);
  bool equals(const Value &a, const Value &b, unsigned depth = 0);
  /// -1, 0, 1; fails for values that Python can't order. `op` is for the message.
  int compare(const Value &a, const Value &b, const char *op = "<", unsigned depth = 0);
  /// The elements of a list, the characters of a string, the keys of a dictionary; fails for what can't be iterated.
  const std::vector<Value> *iterate(const Value &value);
  /// len(), or a failure.
  size_t length(const Value &value);

  const TemplateLimits limits;
  uint32_t line = 0; ///< where the template is, for messages

private:
  size_t stepsLeft() const { return limits.steps - steps; }
  void tooMany(const char *what, size_t limit);

  size_t steps = 0, bytes = 0;
  bool hasFailed = false;
  Error failure;
  std::deque<std::string> strings;
  std::deque<List> lists;
  std::deque<Dict> dicts;
  std::deque<Bound> bounds;
};

/// "<who> line N: <message>", the form of every error that isn't the template's own.
std::string atLine(uint32_t line, const std::string &message);

} // namespace ph::jinja
