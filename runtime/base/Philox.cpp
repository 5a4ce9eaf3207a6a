#include "runtime/base/Philox.h"
#include <numeric>
#include <utility>

namespace ph {

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t(0xD2511F53) * counter[0], b = uint64_t(0xCD9E8D57) * counter[2];
    counter = {uint32_t(b >> 32) ^ counter[1] ^ key[0], uint32_t(b), uint32_t(a >> 32) ^ counter[3] ^ key[1],
               uint32_t(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

uint64_t CounterRandom::bits(uint64_t i) const {
  auto words = philox4x32({uint32_t(i), uint32_t(i >> 32), substream, stream}, key);
  return words[0] | uint64_t(words[1]) << 32;
}

uint64_t CounterRandom::below(uint64_t bound, uint64_t i) const {
  return uint64_t((static_cast<unsigned __int128>(bits(i)) * bound) >> 64);
}

std::vector<uint32_t> shuffled(uint32_t count, const CounterRandom &random) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (uint32_t i = count; i-- > 1;)
    std::swap(order[i], order[random.below(uint64_t(i) + 1, i)]);
  return order;
}

} // namespace ph
