#include "runtime/template/Format.h"
#include "runtime/template/Sort.h"
#include "runtime/template/Text.h"
#include <cmath>

namespace ph::jinja {
namespace {

class JsonWriter {
public:
  JsonWriter(Evaluator &evaluator, const JsonStyle &style) : evaluator(evaluator), style(style) {}
  std::string out;

  void write(const Value &value, unsigned depth = 0) {
    if (depth > evaluator.limits.depth)
      evaluator.fail("a value is nested more than " + std::to_string(evaluator.limits.depth) + " deep");
    if (!evaluator.step())
      return;
    const size_t before = out.size();
    switch (value.kind) {
    case Kind::None:
      out += "null";
      break;
    case Kind::Bool:
      out += value.integer ? "true" : "false";
      break;
    case Kind::Int:
      out += std::to_string(value.integer);
      break;
    case Kind::Float:
      number(value.number);
      break;
    case Kind::String:
      quoted(value.text);
      break;
    case Kind::List:
    case Kind::Tuple:
      return list(value, depth);
    case Kind::Dict:
      return dict(value, depth);
    default:
      evaluator.fail(std::string("Object of type ") + typeName(value) + " is not JSON serializable");
    }
    evaluator.charge(out.size() - before);
  }

private:
  void number(double value) {
    out += std::isnan(value) ? "NaN" : std::isinf(value) ? value < 0 ? "-Infinity" : "Infinity" : floatText(value);
  }

  void line(unsigned depth) {
    if (!style.indent || !evaluator.charge(1 + depth * style.indent->size()))
      return;
    out += '\n';
    for (unsigned i = 0; i < depth; ++i)
      out += *style.indent;
  }

  void list(const Value &value, unsigned depth) {
    const auto &items = value.list->items;
    out += '[';
    for (size_t i = 0; i < items.size() && !evaluator.failed(); ++i) {
      if (i)
        out += style.itemSeparator;
      line(depth + 1);
      write(items[i], depth + 1);
    }
    if (!items.empty())
      line(depth);
    out += ']';
    evaluator.charge(2 + items.size() * style.itemSeparator.size());
  }

  void dict(const Value &value, unsigned depth) {
    auto entries = value.dict->entries;
    if (style.sortKeys)
      stableSort(entries, [&](const auto &a, const auto &b) { return evaluator.compare(a.first, b.first) < 0; });
    out += '{';
    for (size_t i = 0; i < entries.size() && !evaluator.failed(); ++i) {
      if (i)
        out += style.itemSeparator;
      line(depth + 1);
      key(entries[i].first);
      out += style.keySeparator;
      write(entries[i].second, depth + 1);
    }
    if (!entries.empty())
      line(depth);
    out += '}';
    evaluator.charge(2 + entries.size() * (style.itemSeparator.size() + style.keySeparator.size()));
  }

  void key(const Value &value) {
    switch (value.kind) {
    case Kind::String:
      return write(value);
    case Kind::None:
    case Kind::Bool:
    case Kind::Int:
    case Kind::Float:
      out += '"';
      write(value);
      out += '"';
      return;
    default:
      evaluator.fail(std::string("keys must be str, int, float, bool or None, not ") + typeName(value));
    }
  }

  void quoted(std::string_view text) {
    char escape[16];
    out += '"';
    for (size_t i = 0, length; i < text.size(); i += length) {
      const uint32_t code = decodeFront(text.substr(i, 4), length);
      constexpr std::string_view special = "\"\\\n\r\t\b\f", names = "\"\\nrtbf";
      if (size_t known = code < 128 ? special.find(static_cast<char>(code)) : std::string_view::npos;
          known != std::string_view::npos)
        (out += '\\') += names[known];
      else if (code < 32 || (style.asciiOnly && code >= 127 && code < 0x10000)) {
        snprintf(escape, sizeof escape, "\\u%04x", code);
        out += escape;
      } else if (style.asciiOnly && code >= 0x10000) {
        snprintf(escape, sizeof escape, "\\u%04x\\u%04x", 0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF));
        out += escape;
      } else
        out += text.substr(i, length);
    }
    out += '"';
  }

  Evaluator &evaluator;
  const JsonStyle &style;
};

} // namespace

Value toJson(Evaluator &evaluator, const Value &value, const JsonStyle &style) {
  JsonWriter writer(evaluator, style);
  writer.write(value);
  return evaluator.failed() ? Value() : evaluator.string(std::move(writer.out));
}

// A parsed document has bounded depth, but this walks it again: bounded as well.
static Value convert(Machine &machine, const nlohmann::ordered_json &json, unsigned depth) {
  using Type = nlohmann::ordered_json::value_t;
  if (depth > machine.limits.depth)
    return machine.fail("the given messages or variables are nested more than " + std::to_string(machine.limits.depth) +
                        " deep");
  switch (json.type()) {
  case Type::null:
    return Value::none();
  case Type::boolean:
    return Value::boolean(json.get<bool>());
  case Type::number_integer:
    return Value::of(json.get<int64_t>());
  case Type::number_unsigned: {
    const uint64_t value = json.get<uint64_t>();
    return value <= uint64_t(INT64_MAX) ? Value::of(static_cast<int64_t>(value))
                                        : Value::of(static_cast<double>(value));
  }
  case Type::number_float:
    return Value::of(json.get<double>());
  case Type::string:
    return Value::view(json.get_ref<const std::string &>());
  case Type::array: {
    List *list = machine.newList(json.size());
    for (const auto &element : json)
      if (!machine.push(list, convert(machine, element, depth + 1)))
        break;
    return Value::of(list);
  }
  case Type::object: {
    Dict *dict = machine.newDict();
    for (const auto &[key, element] : json.items()) {
      if (!machine.charge(2 * sizeof(Value)))
        break;
      dict->entries.emplace_back(Value::view(key), convert(machine, element, depth + 1));
    }
    return Value::of(dict);
  }
  default:
    return machine.fail("binary data among the given variables");
  }
}

Value fromJson(Machine &machine, const nlohmann::ordered_json &json) { return convert(machine, json, 0); }

} // namespace ph::jinja
