#include "lib/Transforms/Recognition/Numbers.h"
#include "dialects/Transformer/Decimal.h"
#include <cmath>
#include <cstdlib>
#include <string>

namespace ph {

double usualNumber(double value, double precision) {
  if (value < 0)
    return -usualNumber(-value, precision);
  if (value == 0 || !std::isfinite(value))
    return value;
  auto fits = [&](double candidate) { return std::fabs(candidate - value) <= precision * value; };
  // Of larger numbers, some root would fit by accident.
  constexpr double kMost = 1 << 14;
  if (double whole = std::round(value); value < 1e7 && fits(whole))
    return whole;
  char text[32];
  std::snprintf(text, sizeof(text), "%.3e", value);
  if (double decimal = std::strtod(text, nullptr); fits(decimal))
    return decimal;
  for (bool inverse : {false, true}) {
    double of = inverse ? 1 / value : value;
    if (double whole = std::round(of); inverse && whole <= kMost && fits(1 / whole))
      return 1 / whole;
    double square = std::round(of * of), root = std::sqrt(square);
    if (square >= 1 && square <= kMost && fits(inverse ? 1 / root : root))
      return inverse ? 1 / root : root;
  }
  double decimal = xf::decimalOf(float(value));
  return fits(decimal) ? decimal : value;
}

} // namespace ph
