#include "dialects/Transformer/Decimal.h"
#include <charconv>
#include <cmath>

namespace ph::xf {

double decimalOf(float value) {
  if (!std::isfinite(value))
    return value;
  char text[32];
  const char *end = std::to_chars(text, text + sizeof(text), value).ptr;
  double decimal = value;
  std::from_chars(text, end, decimal);
  return decimal;
}

} // namespace ph::xf
