// Global functions, the methods of containers, and the tests.
#include "runtime/template/Format.h"
#include "runtime/template/Text.h"

namespace ph::jinja {

Value callLoop(Evaluator &e, const Value &self, Arguments &a) {
  Loop &loop = *self.loop;
  List *now = e.newList();
  for (const Value &value : a.positional)
    e.push(now, value);
  const Value tuple = Value::of(now, true);
  const bool changed = loop.changed.isUndefined() || !e.equals(loop.changed, tuple);
  loop.changed = tuple;
  return Value::boolean(changed);
}

namespace {

// ---- functions ----

Value callRange(Evaluator &e, const Value &, Arguments &a) {
  int64_t bounds[3] = {0, 0, 1};
  if (!a.keywords.empty() || a.positional.empty() || a.positional.size() > 3)
    return e.fail("range expected from 1 to 3 arguments");
  for (size_t i = 0; i < a.positional.size(); ++i) {
    if (!a.positional[i].isInteger())
      return e.fail(std::string("'") + typeName(a.positional[i]) + "' object cannot be interpreted as an integer");
    bounds[a.positional.size() == 1 ? 1 : i] = a.positional[i].integer;
  }
  const auto [begin, end, step] = bounds;
  if (step == 0)
    return e.fail("range() arg 3 must not be zero");
  const bool up = step > 0;
  uint64_t span = up ? static_cast<uint64_t>(end) - static_cast<uint64_t>(begin)
                     : static_cast<uint64_t>(begin) - static_cast<uint64_t>(end);
  if (up ? begin >= end : begin <= end)
    span = 0;
  const uint64_t stride = up ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
  const uint64_t count = span / stride + (span % stride != 0);
  if (count > e.limits.range)
    return e.fail("a range of " + std::to_string(count) + " elements; at most " + std::to_string(e.limits.range) +
                  " are allowed");
  List *list = e.newList(count);
  for (uint64_t i = 0; i < count; ++i)
    if (!e.push(list, Value::of(static_cast<int64_t>(static_cast<uint64_t>(begin) + i * static_cast<uint64_t>(step)))))
      break;
  return Value::of(list);
}

// A new dictionary from a mapping or pairs, and named arguments.
Dict *makeDict(Evaluator &e, Arguments &a) {
  Dict *dict = e.newDict();
  if (a.positional.size() > 1)
    e.fail("dict expected at most 1 argument");
  else if (!a.positional.empty() && a.positional[0].isDict()) {
    for (const auto &[key, value] : a.positional[0].dict->entries)
      e.Machine::set(dict, key, value);
  } else if (!a.positional.empty())
    for (const Value &pair : *e.iterate(a.positional[0])) {
      const std::vector<Value> *parts = e.iterate(pair);
      if (!e.failed() && parts->size() != 2)
        e.fail("dictionary update sequence elements must have length 2");
      if (e.failed() || !e.Machine::set(dict, (*parts)[0], (*parts)[1]))
        break;
    }
  for (const auto &[name, value] : a.keywords)
    e.Machine::set(dict, Value::view(name), value);
  return dict;
}

Value callDict(Evaluator &e, const Value &, Arguments &a) { return Value::of(makeDict(e, a)); }
Value callNamespace(Evaluator &e, const Value &, Arguments &a) { return Value::of(makeDict(e, a), Kind::Namespace); }

Value callRaise(Evaluator &e, const Value &, Arguments &a) {
  const Value message = e.str(a.get(0));
  return e.failed() ? Value() : e.raise(message.text);
}

Value callTime(Evaluator &e, const Value &, Arguments &a) {
  const Value format = a.get(0);
  if (!format.isString())
    return e.fail("strftime_now() needs a format");
  if (!e.charge(format.text.size() * 16))
    return {};
  if (e.options.formatTime)
    return e.string(e.options.formatTime(format.text));
  const std::time_t now = e.options.now.value_or(std::time(nullptr));
  std::tm local{};
  localtime_r(&now, &local);
  return e.string(formatTime(format.text, local));
}

constexpr Builtin functions[] = {{"range", callRange, "*"},
                                 {"dict", callDict, "*"},
                                 {"namespace", callNamespace, "*"},
                                 {"raise_exception", callRaise, "message", 1},
                                 {"strftime_now", callTime, "format", 1}};

// ---- methods of dictionaries, lists and loops ----

Value dictGet(Evaluator &e, const Value &self, Arguments &a) {
  const Value *found = e.find(self.dict, a.get(0));
  return found ? *found : a.get(1);
}

Value dictItems(Evaluator &e, const Value &self, Arguments &) {
  List *items = e.newList(self.dict->entries.size());
  for (const auto &[key, value] : self.dict->entries) {
    List *pair = e.newList(2);
    e.push(pair, key);
    e.push(pair, value);
    if (!e.push(items, Value::of(pair, true)))
      break;
  }
  return Value::of(items);
}

Value dictKeys(Evaluator &e, const Value &self, Arguments &) {
  List *keys = e.newList(self.dict->entries.size());
  for (const auto &entry : self.dict->entries)
    if (!e.push(keys, entry.first))
      break;
  return Value::of(keys);
}

Value dictValues(Evaluator &e, const Value &self, Arguments &) {
  List *values = e.newList(self.dict->entries.size());
  for (const auto &entry : self.dict->entries)
    if (!e.push(values, entry.second))
      break;
  return Value::of(values);
}

Value dictCopy(Evaluator &e, const Value &self, Arguments &) {
  Arguments arguments;
  arguments.positional.push_back(self);
  return Value::of(makeDict(e, arguments));
}

constexpr Builtin dictMethods[] = {{"get", dictGet, "key,default", 1},
                                   {"items", dictItems},
                                   {"keys", dictKeys},
                                   {"values", dictValues},
                                   {"copy", dictCopy}};

Value listIndex(Evaluator &e, const Value &self, Arguments &a) {
  for (size_t i = 0; i < self.list->items.size(); ++i)
    if (e.equals(self.list->items[i], a.get(0)))
      return Value::of(static_cast<int64_t>(i));
  return e.fail("the value is not in the list");
}

Value listCount(Evaluator &e, const Value &self, Arguments &a) {
  int64_t count = 0;
  for (const Value &item : self.list->items)
    count += e.equals(item, a.get(0));
  return Value::of(count);
}

constexpr Builtin listMethods[] = {{"index", listIndex, "value", 1}, {"count", listCount, "value", 1}};

Value loopCycle(Evaluator &e, const Value &self, Arguments &a) {
  if (a.positional.empty())
    return e.fail("no items for cycling given");
  return a.positional[self.loop->index % a.positional.size()];
}

constexpr Builtin loopMethods[] = {{"cycle", loopCycle, "*"}, {"changed", callLoop, "*"}};

// ---- tests ----

template <bool (*holds)(const Value &)> Value testKind(Evaluator &, const Value &v, Arguments &) {
  return Value::boolean(holds(v));
}
template <Operator op> Value testCompare(Evaluator &e, const Value &v, Arguments &a) {
  return Value::boolean(e.holds(op, v, a.get(0)));
}

bool isDefined(const Value &v) { return !v.isUndefined(); }
bool isUndefined(const Value &v) { return v.isUndefined(); }
bool isNone(const Value &v) { return v.isNone(); }
bool isBoolean(const Value &v) { return v.kind == Kind::Bool; }
bool isTrue(const Value &v) { return v.kind == Kind::Bool && v.integer; }
bool isFalse(const Value &v) { return v.kind == Kind::Bool && !v.integer; }
bool isInteger(const Value &v) { return v.kind == Kind::Int; }
bool isFloat(const Value &v) { return v.kind == Kind::Float; }
bool isNumber(const Value &v) { return v.isNumber(); }
bool isString(const Value &v) { return v.isString(); }
bool isMapping(const Value &v) { return v.isDict(); }
// Jinja's Undefined has a length and can be iterated, so it passes these two.
bool isSequence(const Value &v) { return v.isString() || v.isList() || v.isDict() || v.isUndefined(); }
bool isIterable(const Value &v) { return isSequence(v) || v.kind == Kind::Loop; }
bool isCallable(const Value &v) { return v.kind == Kind::Function || v.kind == Kind::Method || v.kind == Kind::Macro; }
bool isEscaped(const Value &v) { return v.safe; }

Value testRemainder(Evaluator &e, const Value &v, Arguments &a) {
  const Value remainder = e.arithmetic(Operator::Modulo, v, a.get(0, Value::of(int64_t(2))));
  return e.failed() ? Value() : Value::boolean(remainder.isNumber() && remainder.asDouble() == 0);
}
Value testOdd(Evaluator &e, const Value &v, Arguments &a) {
  const Value even = testRemainder(e, v, a);
  return e.failed() ? Value() : Value::boolean(!truth(even));
}

Value testSameAs(Evaluator &, const Value &v, Arguments &a) {
  const Value other = a.get(0);
  if (v.kind != other.kind)
    return Value::boolean(false);
  return Value::boolean(v.isString() ? v.text == other.text : v.isUndefined() || v.integer == other.integer);
}

template <std::string (*change)(std::string_view)> Value testCase(Evaluator &e, const Value &v, Arguments &) {
  const Value text = e.str(v);
  if (e.failed() || !e.step(text.text.size() / 16))
    return {};
  return Value::boolean(change(text.text) == text.text && upper(text.text) != lower(text.text));
}

Value testFilter(Evaluator &, const Value &v, Arguments &) {
  return Value::boolean(v.isString() && findFilter(v.text));
}
Value testTest(Evaluator &, const Value &v, Arguments &) { return Value::boolean(v.isString() && findTest(v.text)); }

constexpr Builtin tests[] = {
    {"defined", testKind<isDefined>},
    {"undefined", testKind<isUndefined>},
    {"none", testKind<isNone>},
    {"boolean", testKind<isBoolean>},
    {"true", testKind<isTrue>},
    {"false", testKind<isFalse>},
    {"integer", testKind<isInteger>},
    {"float", testKind<isFloat>},
    {"number", testKind<isNumber>},
    {"string", testKind<isString>},
    {"mapping", testKind<isMapping>},
    {"sequence", testKind<isSequence>},
    {"iterable", testKind<isIterable>},
    {"callable", testKind<isCallable>},
    {"escaped", testKind<isEscaped>},
    {"even", testRemainder},
    {"odd", testOdd},
    {"divisibleby", testRemainder, "number", 1},
    {"sameas", testSameAs, "other", 1},
    {"lower", testCase<lower>},
    {"upper", testCase<upper>},
    {"filter", testFilter},
    {"test", testTest},
    {"in", testCompare<Operator::In>, "container", 1},
    {"eq", testCompare<Operator::Equal>, "other", 1},
    {"equalto", testCompare<Operator::Equal>, "other", 1},
    {"==", testCompare<Operator::Equal>, "other", 1},
    {"ne", testCompare<Operator::NotEqual>, "other", 1},
    {"!=", testCompare<Operator::NotEqual>, "other", 1},
    {"lt", testCompare<Operator::Less>, "other", 1},
    {"lessthan", testCompare<Operator::Less>, "other", 1},
    {"<", testCompare<Operator::Less>, "other", 1},
    {"le", testCompare<Operator::LessEqual>, "other", 1},
    {"<=", testCompare<Operator::LessEqual>, "other", 1},
    {"gt", testCompare<Operator::Greater>, "other", 1},
    {"greaterthan", testCompare<Operator::Greater>, "other", 1},
    {">", testCompare<Operator::Greater>, "other", 1},
    {"ge", testCompare<Operator::GreaterEqual>, "other", 1},
    {">=", testCompare<Operator::GreaterEqual>, "other", 1},
};

} // namespace

const Builtin *findFunction(std::string_view name) { return findIn(functions, name); }
const Builtin *findTest(std::string_view name) { return findIn(tests, name); }

const Builtin *findMethod(const Value &self, std::string_view name) {
  switch (self.kind) {
  case Kind::String:
    return findIn(stringMethods(), name);
  case Kind::Dict:
    return findIn(dictMethods, name);
  case Kind::List:
  case Kind::Tuple:
    return findIn(listMethods, name);
  case Kind::Loop:
    return findIn(loopMethods, name);
  default:
    return nullptr;
  }
}

bool isForbiddenMethod(const Value &self, std::string_view name) {
  static constexpr std::string_view ofLists[] = {"append", "clear",  "extend",  "insert",
                                                 "pop",    "remove", "reverse", "sort"};
  static constexpr std::string_view ofDicts[] = {"clear", "pop", "popitem", "setdefault", "update"};
  const bool list = self.kind == Kind::List;
  if (!list && !self.isDict())
    return false;
  for (std::string_view forbidden :
       list ? std::span<const std::string_view>(ofLists) : std::span<const std::string_view>(ofDicts))
    if (name == forbidden)
      return true;
  return false;
}

const Builtin *findFilter(std::string_view name) {
  for (auto table : {textFilters(), numberFilters(), sequenceFilters()})
    if (const Builtin *builtin = findIn(table, name))
      return builtin;
  return nullptr;
}

} // namespace ph::jinja
