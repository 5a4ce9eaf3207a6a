#include "powerhouse/Analysis/ArenaPlan.h"

#include <algorithm>

namespace ph::analysis {

int64_t planArena(std::vector<ArenaBuffer> &buffers, int64_t alignment) {
  std::vector<ArenaBuffer *> order, placed;
  for (ArenaBuffer &buffer : buffers) {
    buffer.bytes = (buffer.bytes + alignment - 1) / alignment * alignment;
    order.push_back(&buffer);
  }
  std::sort(order.begin(), order.end(), [](const ArenaBuffer *a, const ArenaBuffer *b) {
    return a->bytes != b->bytes ? a->bytes > b->bytes : a < b;
  });
  int64_t peak = 0;
  for (ArenaBuffer *buffer : order) {
    // `placed` is sorted by offset: take the first gap among those alive at the same time.
    int64_t offset = 0;
    for (const ArenaBuffer *other : placed) {
      bool together = other->first <= buffer->last && buffer->first <= other->last;
      if (together && other->offset < offset + buffer->bytes && offset < other->offset + other->bytes)
        offset = other->offset + other->bytes;
    }
    buffer->offset = offset;
    peak = std::max(peak, offset + buffer->bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), buffer,
                                   [](const ArenaBuffer *a, const ArenaBuffer *b) { return a->offset < b->offset; }),
                  buffer);
  }
  return peak;
}

} // namespace ph::analysis
