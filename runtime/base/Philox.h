// Random numbers by their number: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as
// 1, 2, 3").
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace ph {

/// A function of key and counter with the statistics of random bits: nothing to save, any number can be had at once.
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// The numbers of one purpose: `stream` and `substream` tell sequences of a seed apart.
class CounterRandom {
public:
  CounterRandom(uint64_t seed, uint32_t stream, uint32_t substream)
      : key{uint32_t(seed), uint32_t(seed >> 32)}, stream(stream), substream(substream) {}
  /// The 64 bits of number `i`: the first two words of Philox on counter (i low, i high, substream, stream), the first
  /// one low.
  uint64_t bits(uint64_t i) const;
  /// A number below `bound` (above 0) from bits(i): the upper half of the 128-bit product (Lemire 2019, without
  /// rejection; off from even by less than bound / 2^64).
  uint64_t below(uint64_t bound, uint64_t i) const;

private:
  std::array<uint32_t, 2> key;
  uint32_t stream, substream;
};

/// The numbers 0 to `count` - 1 in random order (Fisher and Yates, from the last to the first: place i is exchanged
/// with below(i + 1, i)).
std::vector<uint32_t> shuffled(uint32_t count, const CounterRandom &random);

} // namespace ph
