#include "runtime/quant/Blocks.h"
#include "runtime/quant/Format.h"
#include <cstring>

namespace ph::blocks {

static float readHalf(const uint8_t *bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, 2);
  return halfToFloat(bits);
}

/// 16 bytes of nibbles: the low ones are elements 0-15, the high ones 16-31. Bit e of `high` is bit 4 of element e.
static void readNibbles(const uint8_t *bytes, uint32_t high, uint8_t *codes) {
  for (int j = 0; j < 16; ++j) {
    codes[j] = uint8_t((bytes[j] & 15) | (high >> j & 1) << 4);
    codes[j + 16] = uint8_t(bytes[j] >> 4 | (high >> (j + 16) & 1) << 4);
  }
}

static uint32_t readHighBits(const uint8_t *bytes) {
  uint32_t high;
  std::memcpy(&high, bytes, 4);
  return high;
}

void unpackQ4_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  scales[0] = readHalf(block);
  mins[0] = -8 * scales[0];
  readNibbles(block + 2, 0, codes);
}

void unpackQ4_1(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  scales[0] = readHalf(block);
  mins[0] = readHalf(block + 2);
  readNibbles(block + 4, 0, codes);
}

void unpackQ5_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  scales[0] = readHalf(block);
  mins[0] = -16 * scales[0];
  readNibbles(block + 6, readHighBits(block + 2), codes);
}

void unpackQ5_1(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  scales[0] = readHalf(block);
  mins[0] = readHalf(block + 2);
  readNibbles(block + 8, readHighBits(block + 4), codes);
}

void unpackQ8_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  scales[0] = readHalf(block);
  mins[0] = -128 * scales[0];
  for (int j = 0; j < 32; ++j)
    codes[j] = block[2 + j] ^ 0x80; // int8 + 128
}

} // namespace ph::blocks
