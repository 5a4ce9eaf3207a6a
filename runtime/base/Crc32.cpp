#include "runtime/base/Crc32.h"
#include <array>

namespace ph {

static constexpr std::array<uint32_t, 256> makeTable() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  return table;
}

uint32_t crc32(std::span<const uint8_t> bytes, uint32_t crc) {
  static constexpr std::array<uint32_t, 256> table = makeTable();
  crc = ~crc;
  for (uint8_t byte : bytes)
    crc = table[(crc ^ byte) & 255] ^ crc >> 8;
  return ~crc;
}

} // namespace ph
