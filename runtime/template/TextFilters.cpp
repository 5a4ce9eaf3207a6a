// Filters whose subject is a text or a number.
#include "runtime/template/Format.h"
#include "runtime/template/Text.h"
#include <charconv>
#include <cmath>

namespace ph::jinja {
namespace {

/// The subject as a string, paid for; check failed() afterwards.
std::string_view text(Evaluator &e, const Value &v) {
  const Value string = e.str(v);
  e.step(string.text.size() / 16);
  return string.text;
}

int64_t integer(Evaluator &e, const Arguments &a, size_t i, int64_t absent) {
  const Value value = a.get(i, Value::of(absent));
  if (!value.isInteger())
    e.fail(std::string("expected an integer argument, but got ") + typeName(value));
  return value.isInteger() ? value.integer : absent;
}

Value filterString(Evaluator &e, const Value &v, Arguments &) { return e.str(v); }

Value filterTrim(Evaluator &e, const Value &v, Arguments &a) {
  const std::string_view subject = text(e, v);
  if (!a.has(0) || a.get(0).isNone())
    return Value::view(strip(subject, nullptr, true, true));
  const std::string_view characters = text(e, a.get(0));
  return e.step(subject.size() / 16 * (characters.size() + 1)) ? Value::view(strip(subject, &characters, true, true))
                                                               : Value();
}

template <std::string (*change)(std::string_view)> Value filterCase(Evaluator &e, const Value &v, Arguments &) {
  return e.string(change(text(e, v)));
}

// Jinja's own idea of words: cut at white space, hyphens and opening brackets.
std::string titled(std::string_view subject) {
  std::string out;
  bool begin = true;
  for (size_t i = 0, length; i < subject.size(); i += length) {
    const uint32_t code = decodeFront(subject.substr(i, 4), length);
    const bool separator = isSpace(code) || code == '-' || code == '(' || code == '{' || code == '[' || code == '<';
    appendCodePoint(out, begin ? upperCase(code) : lowerCase(code));
    begin = separator;
  }
  return out;
}

Value filterReplace(Evaluator &e, const Value &v, Arguments &a) {
  Arguments arguments;
  for (size_t i = 0; i < 2; ++i)
    arguments.positional.push_back(e.str(a.get(i)));
  if (a.has(2) && !a.get(2).isNone())
    arguments.positional.push_back(a.get(2));
  const Value subject = e.str(v);
  return e.failed() ? Value() : e.call(*findIn(stringMethods(), "replace"), subject, arguments);
}

Value filterIndent(Evaluator &e, const Value &v, Arguments &a) {
  std::string indention;
  if (a.get(0).isString())
    indention = a.get(0).text;
  else {
    const int64_t width = integer(e, a, 0, 4);
    if (width > 0 && e.charge(width))
      indention.assign(width, ' ');
  }
  const bool first = truth(a.get(1, Value::boolean(false))), blank = truth(a.get(2, Value::boolean(false)));
  std::string out;
  std::string_view rest = text(e, v);
  if (first)
    out = indention;
  for (bool begin = true; !e.failed(); begin = false) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    if (!begin && (blank || !line.empty()) && e.charge(indention.size()))
      out += indention;
    out += line;
    if (end == std::string_view::npos)
      break;
    out += '\n';
    rest.remove_prefix(end + 1);
  }
  return e.failed() ? Value() : e.string(std::move(out));
}

Value filterTruncate(Evaluator &e, const Value &v, Arguments &a) {
  const std::string_view subject = text(e, v), end = a.has(2) ? text(e, a.get(2)) : "...";
  const int64_t length = integer(e, a, 0, 255), leeway = integer(e, a, 3, 5),
                tail = static_cast<int64_t>(codePoints(end));
  if (length < tail || leeway < 0)
    return e.fail("truncate: expected a length of at least that of the end, and a leeway of at least 0");
  if (static_cast<int64_t>(codePoints(subject)) - leeway <= length)
    return Value::view(subject);
  std::string_view kept = subject.substr(0, offsetOf(subject, length - tail));
  if (!truth(a.get(1, Value::boolean(false))))
    kept = kept.substr(0, kept.rfind(' '));
  return e.string(std::string(kept) + std::string(end));
}

Value filterCenter(Evaluator &e, const Value &v, Arguments &a) {
  Arguments arguments;
  arguments.positional.push_back(a.get(0, Value::of(int64_t(80))));
  const Value subject = e.str(v);
  return e.failed() ? Value() : e.call(*findIn(stringMethods(), "center"), subject, arguments);
}

Value filterWordCount(Evaluator &e, const Value &v, Arguments &) {
  int64_t words = 0;
  bool inside = false;
  const std::string_view subject = text(e, v);
  for (size_t i = 0, length; i < subject.size(); i += length) {
    const uint32_t code = decodeFront(subject.substr(i, 4), length);
    const bool word =
        code == '_' || upperCase(code) != lowerCase(code) || (code >= '0' && code <= '9') || code >= 0x100;
    words += word && !inside;
    inside = word;
  }
  return Value::of(words);
}

Value filterUrlEncode(Evaluator &e, const Value &v, Arguments &) {
  std::string out;
  for (unsigned char c : text(e, v))
    if (isalnum(c) || std::string_view("_.-~/").find(static_cast<char>(c)) != std::string_view::npos)
      out += static_cast<char>(c);
    else {
      char escape[4];
      snprintf(escape, sizeof escape, "%%%02X", c);
      out += escape;
    }
  return e.string(std::move(out));
}

Value filterSafe(Evaluator &e, const Value &v, Arguments &) {
  Value value = e.str(v);
  value.safe = true;
  return value;
}

Value filterEscape(Evaluator &e, const Value &v, Arguments &) {
  Value empty = Value::view({});
  empty.safe = true;
  const Value parts[] = {empty, e.str(v)};
  return e.failed() ? Value() : e.join(parts, /*escape=*/true);
}

Value filterFormat(Evaluator &e, const Value &v, Arguments &a) {
  const Value format = e.str(v);
  if (!a.keywords.empty()) {
    Dict *dict = e.newDict();
    for (const auto &[name, value] : a.keywords)
      e.Machine::set(dict, Value::view(name), value);
    return formatPercent(e, format.text, Value::of(dict));
  }
  List *list = e.newList(a.positional.size());
  list->items = a.positional;
  return e.failed() ? Value() : formatPercent(e, format.text, Value::of(list, true));
}

Value filterToJson(Evaluator &e, const Value &v, Arguments &a) {
  JsonStyle style;
  style.asciiOnly = truth(a.get(0, Value::boolean(false)));
  style.sortKeys = truth(a.get(3, Value::boolean(false)));
  if (const Value indent = a.get(1); indent.isString())
    style.indent = std::string(indent.text);
  else if (!indent.isNone()) {
    const int64_t width = integer(e, a, 1, 0);
    if (width > 0 && !e.charge(width))
      return {};
    style.indent = std::string(static_cast<size_t>(std::max<int64_t>(width, 0)), ' ');
  }
  if (style.indent)
    style.itemSeparator = ",";
  if (const Value separators = a.get(2); !separators.isNone()) {
    const std::vector<Value> *parts = e.iterate(separators);
    if (parts->size() != 2 || !(*parts)[0].isString() || !(*parts)[1].isString())
      return e.fail("tojson: separators must be two strings");
    style.itemSeparator = (*parts)[0].text;
    style.keySeparator = (*parts)[1].text;
  }
  return e.failed() ? Value() : toJson(e, v, style);
}

Value filterDefault(Evaluator &, const Value &v, Arguments &a) {
  const bool replace = v.isUndefined() || (truth(a.get(1, Value::boolean(false))) && !truth(v));
  return replace ? a.get(0, Value::view({})) : v;
}

constexpr Builtin texts[] = {
    {"string", filterString},
    {"trim", filterTrim, "chars"},
    {"upper", filterCase<upper>},
    {"lower", filterCase<lower>},
    {"capitalize", filterCase<capitalize>},
    {"title", filterCase<titled>},
    {"replace", filterReplace, "old,new,count", 2},
    {"indent", filterIndent, "width,first,blank"},
    {"truncate", filterTruncate, "length,killwords,end,leeway"},
    {"center", filterCenter, "width"},
    {"wordcount", filterWordCount},
    {"urlencode", filterUrlEncode},
    {"safe", filterSafe},
    {"escape", filterEscape},
    {"e", filterEscape},
    {"format", filterFormat, "*"},
    {"tojson", filterToJson, "ensure_ascii,indent,separators,sort_keys"},
    {"default", filterDefault, "default_value,boolean"},
    {"d", filterDefault, "default_value,boolean"},
};

// ---- numbers ----

Value filterAbs(Evaluator &e, const Value &v, Arguments &) {
  if (!v.isNumber())
    return e.fail(std::string("bad operand type for abs(): '") + typeName(v) + "'");
  if (v.kind == Kind::Float)
    return Value::of(std::fabs(v.number));
  return v.integer == INT64_MIN ? e.fail("an integer is too large") : Value::of(v.integer < 0 ? -v.integer : v.integer);
}

/// A number written in `subject`, white space around it allowed. Underscores between digits as in Python.
std::optional<double> parseFloat(std::string_view subject) {
  std::string digits;
  for (char c : strip(subject, nullptr, true, true))
    if (c != '_')
      digits += c;
  if (digits.starts_with('+'))
    digits.erase(0, 1);
  double value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
}

std::optional<int64_t> parseInteger(std::string_view subject, int base) {
  std::string digits;
  for (char c : strip(subject, nullptr, true, true))
    if (c != '_')
      digits += c;
  if (digits.starts_with('+'))
    digits.erase(0, 1);
  const size_t sign = digits.starts_with('-');
  if (base != 10 && digits.size() > sign + 2 && digits[sign] == '0') {
    const char prefix = static_cast<char>(digits[sign + 1] | 32);
    if ((base == 16 && prefix == 'x') || (base == 8 && prefix == 'o') || (base == 2 && prefix == 'b'))
      digits.erase(sign, 2);
  }
  int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
}

Value filterInt(Evaluator &e, const Value &v, Arguments &a) {
  const Value absent = a.get(0, Value::of(int64_t(0)));
  const int64_t base = integer(e, a, 1, 10);
  if (base < 2 || base > 36)
    return e.fail("int: the base must be from 2 to 36");
  std::optional<double> real;
  if (v.isInteger())
    return Value::of(v.integer);
  if (v.isString()) {
    if (auto value = parseInteger(v.text, static_cast<int>(base)))
      return Value::of(*value);
    real = parseFloat(v.text);
  } else if (v.kind == Kind::Float)
    real = v.number;
  if (!real || !(*real > -9.2e18 && *real < 9.2e18))
    return absent;
  return Value::of(static_cast<int64_t>(*real));
}

Value filterFloat(Evaluator &e, const Value &v, Arguments &a) {
  if (v.isNumber())
    return Value::of(v.asDouble());
  if (v.isString())
    if (auto value = parseFloat(v.text))
      return Value::of(*value);
  return a.get(0, Value::of(0.0));
}

Value filterRound(Evaluator &e, const Value &v, Arguments &a) {
  const int64_t digits = integer(e, a, 0, 0);
  const std::string_view way = a.has(1) ? text(e, a.get(1)) : "common";
  if (!v.isNumber() || digits < -300 || digits > 300)
    return e.fail("round: expected a number and a precision from -300 to 300");
  if (way != "common" && way != "ceil" && way != "floor")
    return e.fail("round: the method must be common, ceil or floor");
  const double value = v.asDouble(), scale = std::pow(10.0, static_cast<double>(digits));
  if (way == "ceil")
    return Value::of(std::ceil(value * scale) / scale);
  if (way == "floor")
    return Value::of(std::floor(value * scale) / scale);
  if (digits <= 0) {
    const double rounded = std::nearbyint(value * scale) / scale;
    if (!v.isInteger())
      return Value::of(rounded);
    return digits == 0 || std::fabs(rounded) > 9.2e18 ? Value::of(v.integer) : Value::of(static_cast<int64_t>(rounded));
  }
  if (v.isInteger())
    return Value::of(v.integer);
  char buffer[700]; // as Python does: through the decimal digits, which rounds half to even on the exact value
  const int size = snprintf(buffer, sizeof buffer, "%.*f", static_cast<int>(digits), value);
  double rounded = value;
  std::from_chars(buffer, buffer + std::min<int>(size, sizeof buffer - 1), rounded);
  return Value::of(rounded);
}

constexpr Builtin numbers[] = {
    {"abs", filterAbs},
    {"int", filterInt, "default,base"},
    {"float", filterFloat, "default"},
    {"round", filterRound, "precision,method"},
};

} // namespace

std::span<const Builtin> textFilters() { return texts; }
std::span<const Builtin> numberFilters() { return numbers; }

} // namespace ph::jinja
