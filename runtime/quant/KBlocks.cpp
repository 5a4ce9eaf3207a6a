#include "runtime/quant/Blocks.h"
#include "runtime/quant/Format.h"
#include <cstring>

namespace ph::blocks {

static float readHalf(const uint8_t *bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, 2);
  return halfToFloat(bits);
}

// { u8 scales[16] (4-bit scale, 4-bit min); u8 qs[64]; f16 d, dmin }
void unpackQ2_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const uint8_t *qs = block + 16;
  float d = readHalf(block + 80), dmin = readHalf(block + 82);
  for (int g = 0; g < 16; ++g) {
    scales[g] = d * float(block[g] & 15);
    mins[g] = -(dmin * float(block[g] >> 4));
  }
  for (int e = 0; e < 256; ++e)
    codes[e] = qs[e / 128 * 32 + e % 32] >> (e / 32 % 4 * 2) & 3;
}

// { u8 hmask[32]; u8 qs[64]; u8 scales[12] (6 bits each, less 32); f16 d }
void unpackQ3_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const uint8_t *hmask = block, *qs = block + 32, *packed = block + 96;
  float d = readHalf(block + 108);
  for (int g = 0; g < 16; ++g) {
    int low = g < 8 ? packed[g] & 15 : packed[g - 8] >> 4;
    int high = packed[8 + g % 4] >> (g / 4 * 2) & 3;
    scales[g] = d * float((low | high << 4) - 32);
    mins[g] = -4 * scales[g];
  }
  for (int e = 0; e < 256; ++e) {
    int low = qs[e / 128 * 32 + e % 32] >> (e / 32 % 4 * 2) & 3;
    int high = hmask[e % 32] >> (e / 32) & 1;
    codes[e] = uint8_t(low | high << 2);
  }
}

/// The 6-bit scales and mins of Q4_K and Q5_K: 8 of each in 12 bytes, behind d and dmin.
static void unpackScales(const uint8_t *block, float *scales, float *mins) {
  float d = readHalf(block), dmin = readHalf(block + 2);
  const uint8_t *packed = block + 4;
  for (int g = 0; g < 8; ++g) {
    int scale, min;
    if (g < 4) {
      scale = packed[g] & 63;
      min = packed[g + 4] & 63;
    } else {
      scale = (packed[g + 4] & 15) | packed[g - 4] >> 6 << 4;
      min = packed[g + 4] >> 4 | packed[g] >> 6 << 4;
    }
    scales[g] = d * float(scale);
    mins[g] = -(dmin * float(min));
  }
}

// { f16 d, dmin; u8 scales[12]; u8 qs[128] }
void unpackQ4_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  unpackScales(block, scales, mins);
  const uint8_t *qs = block + 16;
  for (int e = 0; e < 256; ++e)
    codes[e] = qs[e / 64 * 32 + e % 32] >> (e / 32 % 2 * 4) & 15;
}

// { f16 d, dmin; u8 scales[12]; u8 qh[32]; u8 qs[128] }
void unpackQ5_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  unpackScales(block, scales, mins);
  const uint8_t *qh = block + 16, *qs = block + 48;
  for (int e = 0; e < 256; ++e) {
    int low = qs[e / 64 * 32 + e % 32] >> (e / 32 % 2 * 4) & 15;
    codes[e] = uint8_t(low | (qh[e % 32] >> (e / 32) & 1) << 4);
  }
}

// { u8 ql[128]; u8 qh[64]; i8 scales[16]; f16 d }
void unpackQ6_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const uint8_t *ql = block, *qh = block + 128, *packed = block + 192;
  float d = readHalf(block + 208);
  for (int g = 0; g < 16; ++g) {
    scales[g] = d * float(int8_t(packed[g]));
    mins[g] = -32 * scales[g];
  }
  for (int e = 0; e < 256; ++e) {
    int half = e / 128, quarter = e / 32 % 4;
    int low = ql[half * 64 + quarter % 2 * 32 + e % 32] >> (quarter / 2 * 4) & 15;
    int high = qh[half * 32 + e % 32] >> (quarter * 2) & 3;
    codes[e] = uint8_t(low | high << 4);
  }
}

// { f32 d; i8 qs[256]; i16 bsums[16] }: what ggml makes of activations; in a file only by accident.
void unpackQ8_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  float d;
  std::memcpy(&d, block, 4);
  for (int g = 0; g < 8; ++g) {
    scales[g] = d;
    mins[g] = -128 * d;
  }
  for (int e = 0; e < 256; ++e)
    codes[e] = block[4 + e] ^ 0x80;
}

} // namespace ph::blocks
