#include "runtime/template/Format.h"
#include "runtime/template/Text.h"
#include <charconv>

namespace ph::jinja {
namespace {

/// One conversion of a %-format: %[flags][width][.precision]type.
struct Conversion {
  bool left = false, plus = false, space = false, zero = false, alternate = false;
  int width = 0, precision = -1;
  char type = 0;
};

std::string padded(std::string text, const Conversion &c, bool number) {
  const size_t have = codePoints(text), want = static_cast<size_t>(c.width);
  if (have >= want)
    return text;
  if (c.left)
    return text + std::string(want - have, ' ');
  if (c.zero && number) {
    const size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == ' ');
    return text.substr(0, sign) + std::string(want - have, '0') + text.substr(sign);
  }
  return std::string(want - have, ' ') + text;
}

std::string convert(Evaluator &evaluator, const Value &value, const Conversion &c) {
  std::string text;
  switch (c.type) {
  case 's':
  case 'r':
    if (c.type == 's')
      evaluator.appendStr(text, value);
    else
      evaluator.appendRepr(text, value);
    if (c.precision >= 0)
      text.resize(offsetOf(text, c.precision));
    return padded(std::move(text), c, false);
  case 'c':
    if (value.isString() && codePoints(value.text) == 1)
      text = value.text;
    else if (value.isInteger() && value.integer >= 0 && value.integer < 0x110000)
      appendCodePoint(text, static_cast<uint32_t>(value.integer));
    else
      evaluator.fail("%c requires int or char");
    return padded(std::move(text), c, false);
  default:
    break;
  }
  if (!value.isNumber()) {
    evaluator.fail(std::string("%") + c.type + " format: a real number is required, not " + typeName(value));
    return text;
  }
  char buffer[512];
  const bool real = std::string_view("eEfFgG").find(c.type) != std::string_view::npos;
  const char sign = c.plus ? '+' : c.space ? ' ' : '-';
  if (real) {
    const std::string pattern =
        std::string("%") + (sign != '-' ? std::string(1, sign) : "") + (c.alternate ? "#" : "") + ".*" + c.type;
    snprintf(buffer, sizeof buffer, pattern.c_str(), c.precision < 0 ? 6 : c.precision, value.asDouble());
    return padded(buffer, c, true);
  }
  const double whole = value.asDouble();
  if (value.kind == Kind::Float && !(whole > -9.2e18 && whole < 9.2e18)) {
    evaluator.fail("a number is too large for an integer format");
    return text;
  }
  const int64_t integer = value.kind == Kind::Float ? static_cast<int64_t>(value.number) : value.integer;
  const uint64_t size = integer < 0 ? 0 - static_cast<uint64_t>(integer) : static_cast<uint64_t>(integer);
  const int base = c.type == 'x' || c.type == 'X' ? 16 : c.type == 'o' ? 8 : 10;
  text.assign(buffer, std::to_chars(buffer, buffer + sizeof buffer, size, base).ptr);
  if (c.type == 'X')
    text = upper(text);
  if (c.precision > 0 && text.size() < static_cast<size_t>(c.precision))
    text.insert(0, c.precision - text.size(), '0');
  if (c.alternate && base != 10)
    text = (base == 8 ? "0o" : c.type == 'X' ? "0X" : "0x") + text;
  if (integer < 0 || sign != '-')
    text.insert(0, 1, integer < 0 ? '-' : sign);
  return padded(std::move(text), c, true);
}

} // namespace

Value formatPercent(Evaluator &evaluator, std::string_view format, const Value &values) {
  std::string out;
  size_t used = 0;
  const bool tuple = values.kind == Kind::Tuple;
  bool named = false;
  auto nextValue = [&]() -> Value {
    const size_t count = tuple ? values.list->items.size() : 1;
    if (used >= count)
      return evaluator.fail("not enough arguments for format string");
    ++used;
    return tuple ? values.list->items[used - 1] : values;
  };
  for (size_t i = 0; i < format.size() && !evaluator.failed(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    auto peek = [&] { return i + 1 < format.size() ? format[i + 1] : '\0'; };
    Conversion c;
    std::optional<Value> value;
    if (peek() == '(') {
      const size_t close = format.find(')', i);
      if (close == std::string_view::npos || !values.isDict())
        return evaluator.fail("format requires a mapping");
      value = evaluator.item(values, Value::view(format.substr(i + 2, close - i - 2)));
      named = true;
      i = close;
    }
    for (bool flag = true; flag;) {
      switch (peek()) {
      case '-':
        c.left = true;
        break;
      case '+':
        c.plus = true;
        break;
      case ' ':
        c.space = true;
        break;
      case '0':
        c.zero = true;
        break;
      case '#':
        c.alternate = true;
        break;
      default:
        flag = false;
      }
      i += flag;
    }
    auto number = [&](int &into) {
      if (peek() == '*') {
        ++i;
        const Value given = nextValue();
        into = given.isInteger() && given.integer >= 0 && given.integer <= 100 ? static_cast<int>(given.integer) : 101;
      } else
        for (into = 0; peek() >= '0' && peek() <= '9' && into <= 100; ++i)
          into = into * 10 + (peek() - '0');
      if (into > 100)
        evaluator.fail("a width or precision in a format is above 100");
    };
    number(c.width);
    if (peek() == '.') {
      ++i;
      number(c.precision);
    }
    c.type = peek();
    ++i;
    if (c.type == '%') {
      out += '%';
      continue;
    }
    if (c.type == 0 || std::string_view("srcdiuoxXeEfFgG").find(c.type) == std::string_view::npos)
      return evaluator.fail("incomplete or unknown conversion in a format string");
    if (!value)
      value = nextValue();
    if (evaluator.failed())
      break;
    const std::string text = convert(evaluator, *value, c);
    evaluator.charge(text.size());
    out += text;
  }
  if (tuple && !named && used < values.list->items.size())
    return evaluator.fail("not all arguments converted during string formatting");
  if (!tuple && !named && used == 0 && !values.isDict() && !values.isList())
    return evaluator.fail("not all arguments converted during string formatting");
  return evaluator.failed() ? Value() : evaluator.string(std::move(out));
}

Value formatBraces(Evaluator &evaluator, std::string_view format, const Arguments &arguments) {
  std::string out;
  size_t automatic = 0;
  for (size_t i = 0; i < format.size() && !evaluator.failed(); ++i) {
    const char c = format[i];
    if ((c == '{' || c == '}') && i + 1 < format.size() && format[i + 1] == c) {
      out += c;
      ++i;
      continue;
    }
    if (c == '}')
      return evaluator.fail("Single '}' encountered in format string");
    if (c != '{') {
      out += c;
      continue;
    }
    const size_t close = format.find('}', i);
    if (close == std::string_view::npos)
      return evaluator.fail("Single '{' encountered in format string");
    std::string_view field = format.substr(i + 1, close - i - 1);
    i = close;
    bool repr = false;
    if (const size_t bang = field.find('!'); bang != std::string_view::npos) {
      if (field.substr(bang) != "!r" && field.substr(bang) != "!s")
        return evaluator.fail("only !r and !s conversions are supported in str.format");
      repr = field.substr(bang) == "!r";
      field = field.substr(0, bang);
    }
    if (field.find_first_of(":.[") != std::string_view::npos)
      return evaluator.fail("format specifications and attributes are not supported in str.format");
    std::optional<Value> value;
    size_t index = automatic;
    const bool number =
        std::from_chars(field.data(), field.data() + field.size(), index).ptr == field.data() + field.size();
    if (number) {
      automatic += field.empty();
      if (index >= arguments.positional.size())
        return evaluator.fail("Replacement index " + std::to_string(index) + " out of range for positional args tuple");
      value = arguments.positional[index];
    } else
      for (const auto &[name, given] : arguments.keywords)
        if (name == field)
          value = given;
    if (!value)
      return evaluator.fail("str.format has no argument '" + std::string(field) + "'");
    const size_t before = out.size();
    if (repr)
      evaluator.appendRepr(out, *value);
    else
      evaluator.appendStr(out, *value);
    evaluator.charge(out.size() - before);
  }
  return evaluator.failed() ? Value() : evaluator.string(std::move(out));
}

std::string formatTime(std::string_view format, const std::tm &time) {
  static constexpr std::string_view days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};
  static constexpr std::string_view months[] = {"January", "February", "March",     "April",   "May",      "June",
                                                "July",    "August",   "September", "October", "November", "December"};
  std::string out;
  auto number = [&](int value, size_t width, bool pad) {
    std::string text = std::to_string(value);
    if (pad && text.size() < width)
      text.insert(0, width - text.size(), '0');
    out += text;
  };
  const std::string_view day = days[static_cast<unsigned>(time.tm_wday) % 7],
                         month = months[static_cast<unsigned>(time.tm_mon) % 12];
  const int hour12 = time.tm_hour % 12 ? time.tm_hour % 12 : 12;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    const bool pad = format[i + 1] != '-' || i + 2 == format.size();
    const size_t begin = i;
    i += pad ? 1 : 2;
    switch (format[i]) {
    case 'Y':
      number(time.tm_year + 1900, 4, pad);
      break;
    case 'y':
      number(time.tm_year % 100, 2, pad);
      break;
    case 'm':
      number(time.tm_mon + 1, 2, pad);
      break;
    case 'd':
      number(time.tm_mday, 2, pad);
      break;
    case 'H':
      number(time.tm_hour, 2, pad);
      break;
    case 'I':
      number(hour12, 2, pad);
      break;
    case 'M':
      number(time.tm_min, 2, pad);
      break;
    case 'S':
      number(time.tm_sec, 2, pad);
      break;
    case 'j':
      number(time.tm_yday + 1, 3, pad);
      break;
    case 'w':
      number(time.tm_wday, 1, pad);
      break;
    case 'p':
      out += time.tm_hour < 12 ? "AM" : "PM";
      break;
    case 'A':
      out += day;
      break;
    case 'a':
      out += day.substr(0, 3);
      break;
    case 'B':
      out += month;
      break;
    case 'b':
    case 'h':
      out += month.substr(0, 3);
      break;
    case 'F':
      out += formatTime("%Y-%m-%d", time);
      break;
    case 'T':
      out += formatTime("%H:%M:%S", time);
      break;
    case 'D':
      out += formatTime("%m/%d/%y", time);
      break;
    case '%':
      out += '%';
      break;
    default:
      out += format.substr(begin, i - begin + 1);
    }
  }
  return out;
}

} // namespace ph::jinja
