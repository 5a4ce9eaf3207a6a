#include "ArenaPlan.h"

#include <algorithm>

namespace ph::conversion {

int64_t planArena(std::vector<ArenaBuffer> &buffers) {
  std::vector<ArenaBuffer *> order, placed;
  for (ArenaBuffer &buffer : buffers) {
    buffer.bytesPerRow = (buffer.bytesPerRow + 3) / 4 * 4;
    order.push_back(&buffer);
  }
  std::sort(order.begin(), order.end(), [](const ArenaBuffer *a, const ArenaBuffer *b) {
    return a->bytesPerRow != b->bytesPerRow ? a->bytesPerRow > b->bytesPerRow : a < b;
  });
  int64_t peak = 0;
  for (ArenaBuffer *buffer : order) {
    // `placed` is sorted by offset: take the first gap among those alive at the same time.
    int64_t offset = 0;
    for (const ArenaBuffer *other : placed) {
      bool together = other->first <= buffer->last && buffer->first <= other->last;
      if (together && other->offsetPerRow < offset + buffer->bytesPerRow &&
          offset < other->offsetPerRow + other->bytesPerRow)
        offset = other->offsetPerRow + other->bytesPerRow;
    }
    buffer->offsetPerRow = offset;
    peak = std::max(peak, offset + buffer->bytesPerRow);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), buffer,
                         [](const ArenaBuffer *a, const ArenaBuffer *b) { return a->offsetPerRow < b->offsetPerRow; }),
        buffer);
  }
  return peak;
}

} // namespace ph::conversion
