// The K quants from f32, bit for bit as ggml's quantize_row_*_K_ref do it without an importance matrix: scales of small
// groups by a search for the least weighted error, these scales themselves as small integers of one f16, and codes
// chosen anew for what the stored scales are.
#include "runtime/quant/Blocks.h"
#include "runtime/quant/Format.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace ph::blocks {

static constexpr int kElements = 256;
static constexpr float kLeastMagnitude = 1e-15f; ///< a group below is all zeros

static float writeHalf(float value, uint8_t *bytes) {
  uint16_t bits = floatToHalf(value);
  std::memcpy(bytes, &bits, 2);
  return halfToFloat(bits);
}

/// Ties to even, below 2^22.
static int nearest(float value) {
  float shifted = value + 12582912.0f;
  int32_t bits;
  std::memcpy(&bits, &shifted, 4);
  return (bits & 0x7fffff) - 0x400000;
}

static int clampedNearest(float value, int least, int most) { return std::clamp(nearest(value), least, most); }

/// The value of the largest magnitude; 0 if all are next to nothing.
static float peak(const float *values, int count) {
  float largest = 0;
  for (int i = 0; i < count; ++i)
    if (std::fabs(values[i]) > std::fabs(largest))
      largest = values[i];
  return std::fabs(largest) < kLeastMagnitude ? 0 : largest;
}

namespace {
/// How a group's scale and min are searched: code range, and factors (rmin + rdelta · step + most) / range.
struct Search {
  int count, most;
  float first, step;
  int steps;
  bool absolute; ///< errors by magnitude rather than squared
};
} // namespace

/// x ≈ scale · code - min with codes 0 … most and min ≥ 0: the best of a few, by least squares for each.
static float searchRange(const Search &search, const float *x, const float *weights, float &min) {
  float low = x[0], high = x[0], sumW = weights[0], sumX = sumW * x[0];
  for (int i = 1; i < search.count; ++i) {
    low = std::min(low, x[i]);
    high = std::max(high, x[i]);
    sumW += weights[i];
    sumX += weights[i] * x[i];
  }
  low = std::min(low, 0.0f);
  if (high == low) {
    min = -low;
    return 0;
  }
  float factor = float(search.most) / (high - low), scale = 1 / factor, best = 0;
  auto error = [&](float difference) { return search.absolute ? std::fabs(difference) : difference * difference; };
  auto code = [&](int i) { return float(clampedNearest(factor * (x[i] - low), 0, search.most)); };
  for (int i = 0; i < search.count; ++i)
    best += weights[i] * error(scale * code(i) + low - x[i]);
  for (int step = 0; step <= search.steps; ++step) {
    factor = (search.first + search.step * float(step) + float(search.most)) / (high - low);
    float sumL = 0, sumL2 = 0, sumXL = 0;
    for (int i = 0; i < search.count; ++i) {
      float l = code(i), w = weights[i];
      sumL += w * l;
      sumL2 += w * l * l;
      sumXL += w * l * x[i];
    }
    float determinant = sumW * sumL2 - sumL * sumL;
    if (!(determinant > 0))
      continue;
    float tried = (sumW * sumXL - sumX * sumL) / determinant, triedMin = (sumL2 * sumX - sumL * sumXL) / determinant;
    if (triedMin > 0) {
      triedMin = 0;
      tried = sumXL / sumL2;
    }
    float sum = 0;
    for (int i = 0; i < search.count; ++i)
      sum += weights[i] * error(tried * code(i) + triedMin - x[i]);
    if (sum < best) {
      best = sum;
      scale = tried;
      low = triedMin; // which also moves the codes of the steps that follow
    }
  }
  min = -low;
  return scale;
}

/// x ≈ scale · code with codes -half … half - 1, errors weighted by x²: the best of a few scales.
static float searchSigned(const float *x, int count, int half) {
  float largest = peak(x, count);
  if (largest == 0)
    return 0;
  float scale = 0, best = 0;
  for (int step : {0, -9, -8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
    float factor = -(float(half) + 0.1f * float(step)) / largest, sumXL = 0, sumL2 = 0;
    for (int i = 0; i < count; ++i) {
      float l = float(clampedNearest(factor * x[i], -half, half - 1)), w = x[i] * x[i];
      sumXL += w * x[i] * l;
      sumL2 += w * l * l;
    }
    if (step == 0)
      scale = sumL2 != 0 ? sumXL / sumL2 : 0;
    else if (sumL2 > 0 && sumXL * sumXL > best * sumL2)
      scale = sumXL / sumL2;
    else
      continue;
    best = scale * sumXL;
  }
  return scale;
}

/// The same by changing one code after the other as long as that helps, five times at most.
static float improveSigned(const float *x, int count, int half) {
  float largest = peak(x, count);
  if (largest == 0)
    return 0;
  float factor = -float(half) / largest, sumXL = 0, sumL2 = 0;
  int codes[16];
  for (int i = 0; i < count; ++i) {
    codes[i] = clampedNearest(factor * x[i], -half, half - 1);
    float l = float(codes[i]), w = x[i] * x[i];
    sumXL += w * x[i] * l;
    sumL2 += w * l * l;
  }
  bool changed = true;
  for (int round = 0; round < 5 && changed; ++round) {
    changed = false;
    for (int i = 0; i < count; ++i) {
      float w = x[i] * x[i], l = float(codes[i]), withoutXL = sumXL - w * x[i] * l;
      if (!(withoutXL > 0))
        continue;
      float withoutL2 = sumL2 - w * l * l;
      int code = clampedNearest(x[i] * withoutL2 / withoutXL, -half, half - 1);
      if (code == codes[i])
        continue;
      float nextXL = withoutXL + w * x[i] * float(code), nextL2 = withoutL2 + w * float(code) * float(code);
      if (nextL2 > 0 && nextXL * nextXL * sumL2 > sumXL * sumXL * nextL2) {
        codes[i] = code;
        sumXL = nextXL;
        sumL2 = nextL2;
        changed = true;
      }
    }
  }
  return sumL2 > 0 ? sumXL / sumL2 : 0;
}

/// Codes of 2 bits, four to a byte: 32 bytes for 128 elements.
static void writeCrumbs(const uint8_t *codes, uint8_t *bytes) {
  for (int e = 0; e < kElements; e += 128)
    for (int i = 0; i < 32; ++i)
      bytes[e / 4 + i] =
          uint8_t(codes[e + i] | codes[e + i + 32] << 2 | codes[e + i + 64] << 4 | codes[e + i + 96] << 6);
}

/// Codes 0 … most of a group for the scale and the min that are stored. A scale of 0 leaves the codes as they are.
static void encodeGroup(const float *x, int count, float scale, float min, int most, uint8_t *codes) {
  for (int i = 0; i < count && scale != 0; ++i)
    codes[i] = uint8_t(clampedNearest((x[i] + min) / scale, 0, most));
}

/// Codes around a zero point in the middle.
static void encodeSignedGroup(const float *x, int count, float scale, int half, uint8_t *codes) {
  for (int i = 0; i < count && scale != 0; ++i)
    codes[i] = uint8_t(clampedNearest(x[i] / scale, -half, half - 1) + half);
}

void quantizeQ2_K(const float *x, uint8_t *block) {
  float scales[16], mins[16], weights[16], most = 0, mostMin = 0;
  for (int g = 0; g < 16; ++g) {
    for (int i = 0; i < 16; ++i)
      weights[i] = std::fabs(x[16 * g + i]);
    scales[g] = searchRange({16, 3, -0.5f, 0.1f, 15, true}, x + 16 * g, weights, mins[g]);
    most = std::max(most, scales[g]);
    mostMin = std::max(mostMin, mins[g]);
  }
  for (int g = 0; g < 16; ++g) {
    int scale = most > 0 ? nearest(15.0f / most * scales[g]) : 0;
    block[g] = uint8_t(scale | (mostMin > 0 ? nearest(15.0f / mostMin * mins[g]) : 0) << 4);
  }
  float d = writeHalf(most / 15.0f, block + 80), dmin = writeHalf(mostMin / 15.0f, block + 82);
  uint8_t codes[kElements] = {};
  for (int g = 0; g < 16; ++g)
    encodeGroup(x + 16 * g, 16, d * float(block[g] & 15), dmin * float(block[g] >> 4), 3, codes + 16 * g);
  writeCrumbs(codes, block + 16);
}

void quantizeQ3_K(const float *x, uint8_t *block) {
  float scales[16], largest = 0;
  for (int g = 0; g < 16; ++g) {
    scales[g] = improveSigned(x + 16 * g, 16, 4);
    if (std::fabs(scales[g]) > std::fabs(largest))
      largest = scales[g];
  }
  uint8_t *packed = block + 96, codes[kElements] = {};
  std::memset(block, 0, 110);
  float factor = largest != 0 ? -32.0f / largest : 0, d = largest != 0 ? writeHalf(1 / factor, block + 108) : 0;
  for (int g = 0; g < 16; ++g) {
    int scale = largest != 0 ? clampedNearest(factor * scales[g], -32, 31) : -32, stored = scale + 32;
    packed[g % 8] |= uint8_t((stored & 15) << (g / 8 * 4));
    packed[8 + g % 4] |= uint8_t(stored >> 4 << (g / 4 * 2));
    encodeSignedGroup(x + 16 * g, 16, d * float(scale), 4, codes + 16 * g);
  }
  for (int e = 0; e < kElements; ++e) {
    block[e % 32] |= uint8_t(codes[e] >> 2 << (e / 32));
    codes[e] &= 3;
  }
  writeCrumbs(codes, block + 32);
}

/// What Q4_K and Q5_K share: 8 groups of 32 whose scales and mins of 6 bits are in 12 bytes behind d and dmin.
static void encodeGroupsOf32(const Search &search, const float *x, uint8_t *block, uint8_t *codes) {
  float scales[8], mins[8], weights[32], most = 0, mostMin = 0;
  for (int g = 0; g < 8; ++g) {
    float squares = 0;
    for (int i = 0; i < 32; ++i)
      squares += x[32 * g + i] * x[32 * g + i];
    float root = std::sqrt(squares / 32);
    for (int i = 0; i < 32; ++i)
      weights[i] = root + std::fabs(x[32 * g + i]);
    scales[g] = searchRange(search, x + 32 * g, weights, mins[g]);
    most = std::max(most, scales[g]);
    mostMin = std::max(mostMin, mins[g]);
  }
  uint8_t *packed = block + 4;
  std::memset(packed, 0, 12);
  float factor = most > 0 ? 63.0f / most : 0, factorMin = mostMin > 0 ? 63.0f / mostMin : 0;
  float d = writeHalf(most / 63.0f, block), dmin = writeHalf(mostMin / 63.0f, block + 2);
  for (int g = 0; g < 8; ++g) {
    int scale = std::min<int>(63, uint8_t(nearest(factor * scales[g])));
    int min = std::min<int>(63, uint8_t(nearest(factorMin * mins[g])));
    if (g < 4) {
      packed[g] |= uint8_t(scale);
      packed[g + 4] |= uint8_t(min);
    } else {
      packed[g + 4] = uint8_t((scale & 15) | (min & 15) << 4);
      packed[g - 4] |= uint8_t(scale >> 4 << 6);
      packed[g] |= uint8_t(min >> 4 << 6);
    }
    encodeGroup(x + 32 * g, 32, d * float(scale), dmin * float(min), search.most, codes + 32 * g);
  }
}

/// Nibbles of pairs of groups; bit 4 of element e in bit e / 32 of byte e % 32 of `high`, if there is one.
static void writeNibbles(const uint8_t *codes, uint8_t *bytes, uint8_t *high) {
  for (int e = 0; e < kElements; e += 64)
    for (int i = 0; i < 32; ++i)
      bytes[e / 2 + i] = uint8_t((codes[e + i] & 15) | (codes[e + i + 32] & 15) << 4);
  for (int e = 0; e < kElements && high; ++e)
    high[e % 32] |= uint8_t(codes[e] >> 4 << (e / 32));
}

void quantizeQ4_K(const float *x, uint8_t *block) {
  uint8_t codes[kElements] = {};
  encodeGroupsOf32({32, 15, -1.0f, 0.1f, 20, false}, x, block, codes);
  writeNibbles(codes, block + 16, nullptr);
}

void quantizeQ5_K(const float *x, uint8_t *block) {
  uint8_t codes[kElements] = {};
  encodeGroupsOf32({32, 31, -0.5f, 0.1f, 15, false}, x, block, codes);
  std::memset(block + 16, 0, 32);
  writeNibbles(codes, block + 48, block + 16);
}

void quantizeQ6_K(const float *x, uint8_t *block) {
  float scales[16], largest = 0;
  for (int g = 0; g < 16; ++g) {
    scales[g] = searchSigned(x + 16 * g, 16, 32);
    if (std::fabs(scales[g]) > std::fabs(largest))
      largest = scales[g];
  }
  std::memset(block, 0, 210);
  if (std::fabs(largest) < kLeastMagnitude)
    return;
  uint8_t codes[kElements] = {};
  float factor = -128.0f / largest, d = writeHalf(1 / factor, block + 208);
  for (int g = 0; g < 16; ++g) {
    int scale = std::min(127, nearest(factor * scales[g]));
    block[192 + g] = uint8_t(int8_t(scale));
    encodeSignedGroup(x + 16 * g, 16, d * float(scale), 32, codes + 16 * g);
  }
  for (int e = 0; e < kElements; ++e) {
    int half = e / 128, quarter = e / 32 % 4;
    block[half * 64 + quarter % 2 * 32 + e % 32] |= uint8_t((codes[e] & 15) << (quarter / 2 * 4));
    block[128 + half * 32 + e % 32] |= uint8_t(codes[e] >> 4 << (quarter * 2));
  }
}

} // namespace ph::blocks
