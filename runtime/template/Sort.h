// A stable sort that stays in bounds whatever the order says: values of a template may compare in no consistent way.
#pragma once
#include <algorithm>
#include <vector>

namespace ph::jinja {

template <class T, class Less> void stableSort(std::vector<T> &items, Less less) {
  std::vector<T> other(items.size());
  for (size_t width = 1; width < items.size(); width *= 2) {
    for (size_t begin = 0; begin < items.size(); begin += 2 * width) {
      const size_t middle = std::min(begin + width, items.size()), end = std::min(begin + 2 * width, items.size());
      for (size_t left = begin, right = middle, out = begin; out < end; ++out)
        other[out] =
            right == end || (left < middle && !less(items[right], items[left])) ? items[left++] : items[right++];
    }
    items.swap(other);
  }
}

} // namespace ph::jinja
