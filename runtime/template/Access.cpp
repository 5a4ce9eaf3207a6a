// Attributes, items and slices.
#include "runtime/template/Evaluator.h"
#include "runtime/template/Text.h"
#include <charconv>

namespace ph::jinja {

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
