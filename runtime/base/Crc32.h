// CRC-32 as in IEEE 802.3, zlib and PNG (polynomial 0x04c11db7, reflected).
#pragma once
#include <cstdint>
#include <span>

namespace ph {

/// The checksum of `bytes`; pass an earlier result as `crc` to go on where it ended.
uint32_t crc32(std::span<const uint8_t> bytes, uint32_t crc = 0);

} // namespace ph
