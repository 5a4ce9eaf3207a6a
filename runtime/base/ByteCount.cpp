#include "runtime/base/ByteCount.h"
#include <charconv>
#include <cmath>
#include <utility>

namespace ph {

std::optional<int64_t> parseByteCount(std::string_view text) {
  constexpr std::pair<std::string_view, double> units[] = {
      {"", 1},      {"B", 1},      {"KB", 1e3},      {"MB", 1e6},         {"GB", 1e9},
      {"TB", 1e12}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776}};
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (failure != std::errc() || std::signbit(number))
    return std::nullopt;
  std::string_view rest = text.substr(size_t(end - text.data()));
  while (rest.starts_with(' '))
    rest.remove_prefix(1);
  for (const auto &[name, factor] : units)
    if (rest == name) {
      const double bytes = number * factor;
      const bool whole = factor > 1 || bytes == std::floor(bytes);
      return whole && bytes <= 9007199254740992.0 ? std::optional(int64_t(bytes)) : std::nullopt;
    }
  return std::nullopt;
}

} // namespace ph
