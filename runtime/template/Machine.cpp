#include "runtime/template/Machine.h"
#include "runtime/template/Text.h"
#include <algorithm>

namespace ph::jinja {

std::string atLine(uint32_t line, const std::string &message) {
  return "chat template, line " + std::to_string(line) + ": " + message;
}

Value Machine::fail(const std::string &message) {
  if (!hasFailed)
    failure = {ErrorCode::Failed, atLine(line, message)};
  hasFailed = true;
  return {};
}

Value Machine::raise(std::string_view message) {
  if (!hasFailed)
    failure = {ErrorCode::Failed, std::string(message)};
  hasFailed = true;
  return {};
}

void Machine::tooMany(const char *what, size_t limit) {
  fail("more than " + std::to_string(limit) + " " + what +
       "; the template is not bounded, or the conversation too long");
}

Value Machine::failUndefined(const Value &value) {
  if (value.integer == Value::message)
    return fail(std::string(value.text));
  const std::string name = "'" + std::string(value.text) + "'";
  if (value.integer == Value::variable)
    return fail(name + " is undefined");
  Value subject;
  subject.kind = static_cast<Kind>(value.integer);
  const std::string type = subject.isNone()                  ? "None"
                           : subject.kind == Kind::Namespace ? "jinja2.utils.Namespace object"
                                                             : std::string(typeName(subject)) + " object";
  return fail("'" + type + "' has no attribute " + name);
}

Value Machine::string(std::string text) {
  if (!charge(text.size() + sizeof(std::string)))
    return {};
  return Value::view(strings.emplace_back(std::move(text)));
}

List *Machine::newList(size_t reserved) {
  List &list = lists.emplace_back();
  if (charge(sizeof(List)) && reserved <= limits.bytes / sizeof(Value))
    list.items.reserve(std::min<size_t>(reserved, 4096));
  return &list;
}

Value Machine::method(const Value &self, const Builtin *builtin) {
  charge(sizeof(Bound));
  Value value = Value::none();
  value.kind = Kind::Method;
  value.bound = &bounds.emplace_back(Bound{self, builtin});
  return value;
}

bool Machine::set(Dict *dict, const Value &key, const Value &value) {
  if (key.kind == Kind::List || key.kind == Kind::Dict) {
    fail(std::string("unhashable type: '") + typeName(key) + "'");
    return false;
  }
  if (const Value *old = find(dict, key)) {
    *const_cast<Value *>(old) = value;
    return !hasFailed;
  }
  if (!charge(2 * sizeof(Value)))
    return false;
  dict->entries.emplace_back(key, value);
  return true;
}

const Value *Machine::find(const Dict *dict, const Value &key) {
  step(dict->entries.size() / 8); // a linear search, paid for
  for (const auto &[candidate, value] : dict->entries)
    if (key.isString() ? candidate.isString() && candidate.text == key.text : equals(candidate, key))
      return &value;
  return nullptr;
}

Value Machine::str(const Value &value) {
  if (value.isString())
    return value;
  std::string out;
  appendStr(out, value);
  return string(std::move(out));
}

void Machine::appendStr(std::string &out, const Value &value, unsigned depth) {
  if (value.isString())
    out += value.text;
  else if (!value.isUndefined())
    appendRepr(out, value, depth);
}

static void appendQuoted(std::string &out, std::string_view text) {
  const bool has = text.find('\'') != std::string_view::npos;
  const char quote = has && text.find('"') == std::string_view::npos ? '"' : '\'';
  out += quote;
  for (size_t i = 0, length; i < text.size(); i += length) {
    const uint32_t code = decodeFront(text.substr(i, 4), length);
    char escape[16];
    if (code == static_cast<unsigned char>(quote) || code == '\\')
      (out += '\\') += static_cast<char>(code);
    else if (code == '\n')
      out += "\\n";
    else if (code == '\r')
      out += "\\r";
    else if (code == '\t')
      out += "\\t";
    else if (code < 32 || (code >= 127 && code <= 160) || code == 173) {
      snprintf(escape, sizeof escape, "\\x%02x", code);
      out += escape;
    } else if ((code >= 0xD800 && code <= 0xDFFF) || (isSpace(code) && code != ' ') ||
               (code >= 0x200B && code <= 0x200F)) {
      snprintf(escape, sizeof escape, "\\u%04x", code);
      out += escape;
    } else
      out += text.substr(i, length);
  }
  out += quote;
}

void Machine::appendRepr(std::string &out, const Value &value, unsigned depth) {
  if (depth > limits.depth) {
    fail("a value is nested more than " + std::to_string(limits.depth) + " deep");
    return;
  }
  const size_t before = out.size();
  switch (value.kind) {
  case Kind::Undefined:
    out += "Undefined";
    break;
  case Kind::None:
    out += "None";
    break;
  case Kind::Bool:
    out += value.integer ? "True" : "False";
    break;
  case Kind::Int:
    out += std::to_string(value.integer);
    break;
  case Kind::Float:
    out += floatText(value.number);
    break;
  case Kind::String:
    appendQuoted(out, value.text);
    break;
  case Kind::List:
  case Kind::Tuple: {
    const bool tuple = value.kind == Kind::Tuple;
    out += tuple ? '(' : '[';
    for (size_t i = 0; i < value.list->items.size() && step(); ++i) {
      if (i)
        out += ", ";
      appendRepr(out, value.list->items[i], depth + 1);
    }
    if (tuple && value.list->items.size() == 1)
      out += ',';
    out += tuple ? ')' : ']';
    break;
  }
  case Kind::Dict:
  case Kind::Namespace: {
    out += value.kind == Kind::Namespace ? "<Namespace {" : "{";
    bool first = true;
    for (const auto &[key, entry] : value.dict->entries) {
      if (!step())
        break;
      if (!first)
        out += ", ";
      first = false;
      appendRepr(out, key, depth + 1);
      out += ": ";
      appendRepr(out, entry, depth + 1);
    }
    out += value.kind == Kind::Namespace ? "}>" : "}";
    break;
  }
  default:
    (out += '<') += std::string(typeName(value)) + '>';
  }
  // Bytes of parts were paid for by their own calls; what is added around them is small.
  charge(value.isList() || value.isDict() ? 2 : out.size() - before);
}

bool Machine::equals(const Value &a, const Value &b, unsigned depth) {
  if (!step())
    return false;
  if (depth > limits.depth) {
    fail("a value is nested more than " + std::to_string(limits.depth) + " deep");
    return false;
  }
  if (a.isNumber() && b.isNumber())
    return a.isInteger() && b.isInteger() ? a.integer == b.integer : a.asDouble() == b.asDouble();
  if (a.kind != b.kind)
    return false;
  switch (a.kind) {
  case Kind::Undefined:
  case Kind::None:
    return true;
  case Kind::String:
    return a.text == b.text;
  case Kind::List:
  case Kind::Tuple: {
    const auto &x = a.list->items, &y = b.list->items;
    return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(),
                                              [&](const Value &p, const Value &q) { return equals(p, q, depth + 1); });
  }
  case Kind::Dict:
    if (a.dict->entries.size() != b.dict->entries.size())
      return false;
    for (const auto &[key, value] : a.dict->entries) {
      const Value *other = find(b.dict, key);
      if (!other || !equals(value, *other, depth + 1))
        return false;
    }
    return true;
  default:
    return a.dict == b.dict; // objects are themselves only
  }
}

int Machine::compare(const Value &a, const Value &b, const char *op, unsigned depth) {
  if (!step())
    return 0;
  if (a.isNumber() && b.isNumber()) {
    if (a.isInteger() && b.isInteger())
      return a.integer < b.integer ? -1 : a.integer > b.integer;
    return a.asDouble() < b.asDouble() ? -1 : a.asDouble() > b.asDouble();
  }
  if (a.isString() && b.isString()) {
    const int order = a.text.compare(b.text); // bytes of UTF-8 order as code points do
    return order < 0 ? -1 : order > 0;
  }
  if (a.isList() && a.kind == b.kind && depth <= limits.depth) {
    const auto &x = a.list->items, &y = b.list->items;
    for (size_t i = 0; i < x.size() && i < y.size(); ++i)
      if (!equals(x[i], y[i], depth + 1))
        return compare(x[i], y[i], op, depth + 1);
    return x.size() < y.size() ? -1 : x.size() > y.size();
  }
  for (const Value *side : {&a, &b})
    if (side->isUndefined()) {
      failUndefined(*side);
      return 0;
    }
  fail(std::string("'") + op + "' not supported between instances of '" + typeName(a) + "' and '" + typeName(b) + "'");
  return 0;
}

const std::vector<Value> *Machine::iterate(const Value &value) {
  static const std::vector<Value> nothing;
  switch (value.kind) {
  case Kind::Undefined:
    return &nothing;
  case Kind::List:
  case Kind::Tuple:
    return &value.list->items;
  case Kind::Dict: {
    List *keys = newList(value.dict->entries.size());
    for (const auto &entry : value.dict->entries)
      if (!push(keys, entry.first))
        break;
    return &keys->items;
  }
  case Kind::String: {
    List *characters = newList();
    for (size_t i = 0, length; i < value.text.size(); i += length) {
      decodeFront(value.text.substr(i, 4), length);
      if (!push(characters, Value::view(value.text.substr(i, length))))
        break;
    }
    return &characters->items;
  }
  default:
    fail(std::string("'") + typeName(value) + "' object is not iterable");
    return &nothing;
  }
}

size_t Machine::length(const Value &value) {
  switch (value.kind) {
  case Kind::Undefined:
    return 0;
  case Kind::String:
    step(value.text.size() / 64);
    return codePoints(value.text);
  case Kind::List:
  case Kind::Tuple:
    return value.list->items.size();
  case Kind::Dict:
    return value.dict->entries.size();
  default:
    fail(std::string("object of type '") + typeName(value) + "' has no len()");
    return 0;
  }
}

} // namespace ph::jinja
