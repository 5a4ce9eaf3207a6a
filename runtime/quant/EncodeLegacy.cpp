// The legacy formats from f32, as ggml's quantize_row_*_ref do it: 32 elements, a scale from the largest or the range.
#include "runtime/quant/Blocks.h"
#include "runtime/quant/Format.h"
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

namespace ph::blocks {

static constexpr int kElements = 32;

/// Writes a scale as f16.
static void writeHalf(float value, uint8_t *bytes) {
  uint16_t bits = floatToHalf(value);
  std::memcpy(bytes, &bits, 2);
}

/// What multiplies values to give codes: 0 where all values are 0.
static float inverse(float scale) { return scale != 0 ? 1.0f / scale : 0.0f; }

/// Codes of 4 or 5 bits: 16 bytes of nibbles at `bytes`, and bit 4 of each in the result.
static uint32_t writeNibbles(const int *codes, uint8_t *bytes) {
  uint32_t high = 0;
  for (int j = 0; j < 16; ++j) {
    bytes[j] = uint8_t((codes[j] & 15) | (codes[j + 16] & 15) << 4);
    high |= uint32_t(codes[j] >> 4) << j | uint32_t(codes[j + 16] >> 4) << (j + 16);
  }
  return high;
}

/// Codes around a zero point in the middle: the value that is largest by magnitude gets code 0.
template <int zeroPoint> static float encodeSigned(const float *values, int *codes) {
  float largest = 0;
  for (int e = 0; e < kElements; ++e)
    if (std::fabs(largest) < std::fabs(values[e]))
      largest = values[e];
  float scale = largest / -float(zeroPoint), factor = inverse(scale);
  for (int e = 0; e < kElements; ++e)
    codes[e] = std::min(2 * zeroPoint - 1, int(values[e] * factor + (float(zeroPoint) + 0.5f)));
  return scale;
}

/// Codes from the smallest value, which is 0, to the largest.
template <int most> static float encodeRange(const float *values, int *codes, float &smallest) {
  smallest = *std::min_element(values, values + kElements);
  float scale = (*std::max_element(values, values + kElements) - smallest) / float(most), factor = inverse(scale);
  for (int e = 0; e < kElements; ++e)
    codes[e] = std::min(most, int((values[e] - smallest) * factor + 0.5f));
  return scale;
}

void quantizeQ4_0(const float *values, uint8_t *block) {
  int codes[kElements];
  writeHalf(encodeSigned<8>(values, codes), block);
  writeNibbles(codes, block + 2);
}

void quantizeQ4_1(const float *values, uint8_t *block) {
  int codes[kElements];
  float smallest;
  writeHalf(encodeRange<15>(values, codes, smallest), block);
  writeHalf(smallest, block + 2);
  writeNibbles(codes, block + 4);
}

void quantizeQ5_0(const float *values, uint8_t *block) {
  int codes[kElements];
  writeHalf(encodeSigned<16>(values, codes), block);
  uint32_t high = writeNibbles(codes, block + 6);
  std::memcpy(block + 2, &high, 4);
}

void quantizeQ5_1(const float *values, uint8_t *block) {
  int codes[kElements];
  float smallest;
  writeHalf(encodeRange<31>(values, codes, smallest), block);
  writeHalf(smallest, block + 2);
  uint32_t high = writeNibbles(codes, block + 8);
  std::memcpy(block + 4, &high, 4);
}

void quantizeQ8_0(const float *values, uint8_t *block) {
  float largest = 0;
  for (int e = 0; e < kElements; ++e)
    largest = std::max(largest, std::fabs(values[e]));
  float scale = largest / 127, factor = inverse(scale);
  writeHalf(scale, block);
  for (int e = 0; e < kElements; ++e)
    block[2 + e] = uint8_t(int8_t(std::round(values[e] * factor)));
}

} // namespace ph::blocks
