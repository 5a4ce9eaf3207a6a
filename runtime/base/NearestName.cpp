#include "runtime/base/NearestName.h"
#include <algorithm>
#include <cstddef>
#include <vector>

namespace ph {

static size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string_view nearestName(std::string_view written, std::span<const std::string_view> known) {
  std::string_view best;
  written = written.substr(0, 200);
  size_t least = SIZE_MAX;
  for (std::string_view name : known) {
    const size_t d = distance(written, name);
    if (d < least && 2 * d <= std::max(written.size(), name.size())) {
      least = d;
      best = name;
    }
  }
  return best;
}

} // namespace ph
