// Where activations live: buffers whose lifetimes don't meet share memory.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ph::conversion {

/// A buffer of `bytesPerRow` bytes for each row of the step, alive from event `first` to event `last`, both included.
struct ArenaBuffer {
  int64_t bytesPerRow = 0;
  int64_t first = 0, last = 0;
  std::string holder;       ///< what fills it, for reports
  int64_t offsetPerRow = 0; ///< set by planArena: the buffer starts at offsetPerRow * capacity
};

/// Places the buffers, large ones first, each at the lowest offset free for its whole life. Returns the bytes per row
/// of the arena. Offsets are multiples of 4, so that with a capacity that is a multiple of 64 every buffer is
/// 64-aligned.
int64_t planArena(std::vector<ArenaBuffer> &buffers);

} // namespace ph::conversion
