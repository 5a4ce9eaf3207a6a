// SHA-256 (FIPS 180-4).
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace ph {

/// Digests bytes as they come: update any number of times, then finish once.
class Sha256 {
public:
  using Digest = std::array<uint8_t, 32>;
  void update(std::span<const uint8_t> bytes);
  Digest finish();
  static Digest of(std::span<const uint8_t> bytes);
  /// 64 lower-case hexadecimal digits.
  static std::string toHex(const Digest &digest);

private:
  void compress(const uint8_t *block);
  std::array<uint32_t, 8> state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> pending = {};
  uint64_t length = 0; ///< bytes so far
};

} // namespace ph
