#include "runtime/template/Value.h"
#include <charconv>
#include <cmath>

namespace ph::jinja {

const char *typeName(const Value &value) {
  switch (value.kind) {
  case Kind::Undefined:
    return "Undefined";
  case Kind::None:
    return "NoneType";
  case Kind::Bool:
    return "bool";
  case Kind::Int:
    return "int";
  case Kind::Float:
    return "float";
  case Kind::String:
    return "str";
  case Kind::List:
    return "list";
  case Kind::Tuple:
    return "tuple";
  case Kind::Dict:
    return "dict";
  case Kind::Namespace:
    return "Namespace";
  case Kind::Loop:
    return "LoopContext";
  case Kind::Macro:
    return "Macro";
  case Kind::Function:
    return "function";
  case Kind::Method:
    return "method";
  }
  return "object";
}

bool truth(const Value &value) {
  switch (value.kind) {
  case Kind::Undefined:
  case Kind::None:
    return false;
  case Kind::Bool:
  case Kind::Int:
    return value.integer != 0;
  case Kind::Float:
    return value.number != 0;
  case Kind::String:
    return !value.text.empty();
  case Kind::List:
  case Kind::Tuple:
    return !value.list->items.empty();
  case Kind::Dict:
    return !value.dict->entries.empty();
  default:
    return true;
  }
}

std::string floatText(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  // "-d.ddde+XX": Python writes exponents below -4 and from 16 on, and plain digits between.
  std::string text(buffer, end);
  const size_t e = text.find('e');
  const int exponent = std::atoi(text.c_str() + e + 1);
  if (exponent < -4 || exponent >= 16)
    return text;
  const bool negative = text[0] == '-';
  std::string digits;
  for (char c : text.substr(negative, e - negative))
    if (c != '.')
      digits += c;
  if (exponent < 0)
    digits = "0." + std::string(-exponent - 1, '0') + digits;
  else if (digits.size() <= static_cast<size_t>(exponent) + 1)
    digits += std::string(exponent + 1 - digits.size(), '0') + ".0";
  else
    digits.insert(exponent + 1, ".");
  return (negative ? "-" : "") + digits;
}

} // namespace ph::jinja
