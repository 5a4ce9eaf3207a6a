// Formats whose codes are numbers of levels or of points of a codebook. All levels are small integers, so they are
// affine too: the codes given here are the levels themselves plus a zero point, which packs without loss.
#include "runtime/quant/Blocks.h"
#include "runtime/quant/Codebooks.h"
#include "runtime/quant/Format.h"
#include <bit>
#include <cstring>

namespace ph::blocks {

static uint16_t read16(const uint8_t *bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, 2);
  return bits;
}

static uint32_t read32(const uint8_t *bytes) {
  uint32_t bits;
  std::memcpy(&bits, bytes, 4);
  return bits;
}

/// 7 bits of signs; the eighth makes the number of negative ones even.
static uint32_t evenSigns(uint32_t bits) { return bits | (std::popcount(bits) & 1u) << 7; }

static constexpr int kIQ1Levels[4] = {-1, 0, 1, 0};
static constexpr int kIQ2Levels[4] = {8, 25, 43, 0};
static constexpr int kIQ3XXSLevels[8] = {4, 12, 20, 28, 36, 44, 52, 62};
static constexpr int kIQ3SLevels[8] = {1, 3, 5, 7, 9, 11, 13, 15};

/// Codes of one point of `count` coordinates of `bits` bits each; a set bit of `signs` negates.
template <int count, int bits>
static void putPoint(uint32_t key, const int *levels, uint32_t signs, int zeroPoint, uint8_t *codes) {
  for (int i = 0; i < count; ++i) {
    const int level = levels[key >> (bits * i) & ((1 << bits) - 1)];
    codes[i] = uint8_t(zeroPoint + (signs >> i & 1 ? -level : level));
  }
}

static void putGroup(float scale, int zeroPoint, float &outScale, float &outMin) {
  outScale = scale;
  outMin = -float(zeroPoint) * scale;
}

// Per 32 elements one u32 of four times 7 signs and a 4-bit scale.
// IQ2_XXS: { f16 d; { u8 points[4]; u32 signs and scale }[8] }
void unpackIQ2_XXS(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const float d = halfToFloat(read16(block));
  for (int g = 0; g < 8; ++g) {
    const uint8_t *points = block + 2 + 8 * g;
    const uint32_t packed = read32(points + 4);
    putGroup(d * float(2 * (packed >> 28) + 1) / 8, kIQ2Zero, scales[g], mins[g]);
    for (int p = 0; p < 4; ++p)
      putPoint<8, 2>(kIQ2XXS[points[p]], kIQ2Levels, evenSigns(packed >> (7 * p) & 127), kIQ2Zero,
                     codes + 32 * g + 8 * p);
  }
}

// { f16 d; u16 points[32] (9 bits, 7 signs); u8 scales[8] (4 bits per 16 elements) }
void unpackIQ2_XS(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const float d = halfToFloat(read16(block));
  for (int g = 0; g < 16; ++g)
    putGroup(d * float(2 * (block[66 + g / 2] >> (g % 2 * 4) & 15) + 1) / 8, kIQ2Zero, scales[g], mins[g]);
  for (int p = 0; p < 32; ++p) {
    const uint32_t packed = read16(block + 2 + 2 * p);
    putPoint<8, 2>(kIQ2XS[packed & 511], kIQ2Levels, evenSigns(packed >> 9), kIQ2Zero, codes + 8 * p);
  }
}

// { f16 d; u8 points[32], signs[32], qh[8] (bits 8 and 9 of four points); u8 scales[8] }
void unpackIQ2_S(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const float d = halfToFloat(read16(block));
  for (int g = 0; g < 16; ++g)
    putGroup(d * float(2 * (block[74 + g / 2] >> (g % 2 * 4) & 15) + 1) / 8, kIQ2Zero, scales[g], mins[g]);
  for (int p = 0; p < 32; ++p) {
    const uint32_t high = block[66 + p / 4] >> (p % 4 * 2) & 3;
    putPoint<8, 2>(kIQ2S[block[2 + p] | high << 8], kIQ2Levels, block[34 + p], kIQ2Zero, codes + 8 * p);
  }
}

// { f16 d; u8 points[64]; u32 signs and scale[8] }
void unpackIQ3_XXS(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const float d = halfToFloat(read16(block));
  for (int g = 0; g < 8; ++g) {
    const uint32_t packed = read32(block + 66 + 4 * g);
    putGroup(d * float(2 * (packed >> 28) + 1) / 4, kIQ3XXSZero, scales[g], mins[g]);
    for (int p = 0; p < 8; ++p) {
      const uint32_t signs = evenSigns(packed >> (p / 2 * 7) & 127) >> (p % 2 * 4);
      putPoint<4, 3>(kIQ3XXS[block[2 + 8 * g + p]], kIQ3XXSLevels, signs, kIQ3XXSZero, codes + 32 * g + 4 * p);
    }
  }
}

// { f16 d; u8 points[64], qh[8] (bit 8 of eight points), signs[32], scales[4] }
void unpackIQ3_S(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const float d = halfToFloat(read16(block));
  for (int g = 0; g < 8; ++g)
    putGroup(d * float(2 * (block[106 + g / 2] >> (g % 2 * 4) & 15) + 1), kIQ3SZero, scales[g], mins[g]);
  for (int p = 0; p < 64; ++p) {
    const uint32_t high = block[66 + p / 8] >> (p % 8) & 1;
    putPoint<4, 3>(kIQ3S[block[2 + p] | high << 8], kIQ3SLevels, block[74 + p / 2] >> (p % 2 * 4), kIQ3SZero,
                   codes + 4 * p);
  }
}

// IQ1: value = scale * (level ± 1/8), so in eighths of the scale 8 * level ± 1.
static void putIQ1Point(uint32_t key, bool down, uint8_t *codes) {
  putPoint<8, 2>(kIQ1[key], kIQ1Levels, 0, 0, codes);
  for (int i = 0; i < 8; ++i)
    codes[i] = uint8_t(kIQ1Zero + 8 * int8_t(codes[i]) + (down ? -1 : 1));
}

// { f16 d; u8 points[32]; u16 qh[8] (3 bits for each of four points, a 3-bit scale, the sign of the shift) }
void unpackIQ1_S(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const float d = halfToFloat(read16(block));
  for (int g = 0; g < 8; ++g) {
    const uint32_t packed = read16(block + 34 + 2 * g);
    putGroup(d * float(2 * (packed >> 12 & 7) + 1) / 8, kIQ1Zero, scales[g], mins[g]);
    for (int p = 0; p < 4; ++p)
      putIQ1Point(block[2 + 4 * g + p] | (packed >> (3 * p) & 7) << 8, packed >> 15, codes + 32 * g + 8 * p);
  }
}

/// The f16 scale of an IQ1_M block: the upper four bits of each of the four u16 of scales.
uint16_t scaleOfIQ1_M(const uint8_t *block) {
  uint32_t bits = 0;
  for (int i = 0; i < 4; ++i)
    bits |= uint32_t(read16(block + 48 + 2 * i) >> 12) << (4 * i);
  return uint16_t(bits);
}

// { u8 points[32], qh[16] (for two points each three bits and the sign of the shift); u16 scales[4] (four times 3 bits)
// }
void unpackIQ1_M(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const float d = halfToFloat(scaleOfIQ1_M(block));
  for (int g = 0; g < 16; ++g) {
    const uint32_t scale = read16(block + 48 + g / 4 * 2) >> (g % 4 * 3) & 7;
    putGroup(d * float(2 * scale + 1) / 8, kIQ1Zero, scales[g], mins[g]);
  }
  for (int p = 0; p < 32; ++p) {
    const uint32_t packed = block[32 + p / 2] >> (p % 2 * 4);
    putIQ1Point(block[p] | (packed & 7) << 8, packed & 8, codes + 8 * p);
  }
}

static void putLevels(const uint8_t *bytes, int half, const int8_t *levels, int zeroPoint, uint8_t *codes) {
  for (int i = 0; i < half; ++i) {
    codes[i] = uint8_t(zeroPoint + levels[bytes[i] & 15]);
    codes[i + half] = uint8_t(zeroPoint + levels[bytes[i] >> 4]);
  }
}

// { f16 d; u8 qs[16] }
void unpackIQ4_NL(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  putGroup(halfToFloat(read16(block)), kIQ4Zero, *scales, *mins);
  putLevels(block + 2, 16, kIQ4Levels, kIQ4Zero, codes);
}

// { f16 d; u16 scales_h; u8 scales_l[4]; u8 qs[128] }
void unpackIQ4_XS(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const float d = halfToFloat(read16(block));
  for (int g = 0; g < 8; ++g) {
    const int low = block[4 + g / 2] >> (g % 2 * 4) & 15, high = read16(block + 2) >> (2 * g) & 3;
    putGroup(d * float((low | high << 4) - 32), kIQ4Zero, scales[g], mins[g]);
    putLevels(block + 8 + 16 * g, 16, kIQ4Levels, kIQ4Zero, codes + 32 * g);
  }
}

// { u8 e (E8M0: a power of two); u8 qs[16] }, of the OCP microscaling formats. Levels are doubled, so the scale is
// halved.
void unpackMXFP4(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  const uint32_t e = block[0], bits = e < 2 ? 0x00200000u << e : (e - 1) << 23;
  putGroup(std::bit_cast<float>(bits), kE2M1Zero, *scales, *mins);
  putLevels(block + 1, 16, kE2M1Doubled, kE2M1Zero, codes);
}

/// A float of four exponent and three mantissa bits, without sign. 0x7f, NaN elsewhere, stands for 0 in ggml.
static float ue4m3ToFloat(uint8_t bits) {
  const int exponent = bits >> 3 & 15, mantissa = bits & 7;
  if (bits == 0x7f)
    return 0;
  return exponent ? float(8 + mantissa) * float(1 << exponent) / 1024 : float(mantissa) / 512;
}

// { u8 d[4] (UE4M3); u8 qs[32] }
void unpackNVFP4(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  for (int g = 0; g < 4; ++g) {
    putGroup(ue4m3ToFloat(block[g]) / 2, kE2M1Zero, scales[g], mins[g]);
    putLevels(block + 4 + 8 * g, 8, kE2M1Doubled, kE2M1Zero, codes + 16 * g);
  }
}

} // namespace ph::blocks
