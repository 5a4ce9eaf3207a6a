// Where activations live: buffers whose lifetimes don't meet share memory.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ph::analysis {

/// A buffer, alive from event `first` to event `last`, both included. Where everything grows with the rows of a step,
/// `bytes` and `offset` are those of one row.
struct ArenaBuffer {
  int64_t bytes = 0;
  int64_t first = 0, last = 0;
  std::string holder; ///< what fills it, for reports
  int64_t offset = 0; ///< set by planArena
};

/// Places the buffers, large ones first, each at the lowest offset free for its whole life. Returns the bytes of the
/// arena. Bytes, rounded up, and offsets are multiples of `alignment`.
int64_t planArena(std::vector<ArenaBuffer> &buffers, int64_t alignment);

} // namespace ph::analysis
