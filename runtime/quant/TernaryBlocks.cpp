// Formats of one, two and three values: a code of at most two bits times the block's only scale.
#include "runtime/quant/Blocks.h"
#include "runtime/quant/Format.h"
#include <cstring>

namespace ph::blocks {

static void putScales(const uint8_t *half, int groups, float *scales, float *mins) {
  uint16_t bits;
  std::memcpy(&bits, half, 2);
  for (int g = 0; g < groups; ++g) {
    scales[g] = halfToFloat(bits);
    mins[g] = -scales[g];
  }
}

/// Digit `n` of a byte that holds five digits of base 3, as a fraction of 256 rounded up, the first digit on top.
static uint8_t trit(uint8_t byte, int n) {
  static constexpr uint8_t powers[5] = {1, 3, 9, 27, 81};
  return uint8_t(uint8_t(byte * powers[n]) * 3 >> 8);
}

// { u8 qs[48] (five digits each), qh[4] (four digits each); f16 d }
void unpackTQ1_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  putScales(block + 52, 8, scales, mins);
  for (int n = 0; n < 5; ++n) {
    for (int i = 0; i < 32; ++i)
      codes[32 * n + i] = trit(block[i], n);
    for (int i = 0; i < 16; ++i)
      codes[160 + 16 * n + i] = trit(block[32 + i], n);
    for (int i = 0; i < 4 && n < 4; ++i)
      codes[240 + 4 * n + i] = trit(block[48 + i], n);
  }
}

// { u8 qs[64]; f16 d }
void unpackTQ2_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  putScales(block + 64, 8, scales, mins);
  for (int e = 0; e < 256; ++e)
    codes[e] = block[e / 128 * 32 + e % 32] >> (e / 32 % 4 * 2) & 3;
}

// { f16 d; u8 qs[16] }: a bit is the sign, so codes are 0 and 2.
void unpackQ1_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  putScales(block, 4, scales, mins);
  for (int e = 0; e < 128; ++e)
    codes[e] = uint8_t((block[2 + e / 8] >> (e % 8) & 1) * 2);
}

// { f16 d; u8 qs[16] }
void unpackQ2_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  putScales(block, 2, scales, mins);
  for (int e = 0; e < 64; ++e)
    codes[e] = block[2 + e / 4] >> (e % 4 * 2) & 3;
}

} // namespace ph::blocks
