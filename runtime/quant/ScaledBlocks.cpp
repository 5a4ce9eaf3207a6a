// Blocks of 32 codes with single scales, for codes of checkpoints whose scales f16 does not hold. In no file of ggml:
// { f32 scale; f32 min (U4, U8); u8 codes[16 or 32] }, 4-bit codes in the order of Q4_0.
#include "runtime/quant/Blocks.h"
#include <cstring>

namespace ph::blocks {

static const uint8_t *readScale(const uint8_t *block, float &scale) {
  std::memcpy(&scale, block, 4);
  return block + 4;
}

static void unpackNibbles(const uint8_t *bytes, uint8_t *codes) {
  for (int i = 0; i < 16; ++i) {
    codes[i] = bytes[i] & 15;
    codes[i + 16] = bytes[i] >> 4;
  }
}

void unpackI4F32(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  unpackNibbles(readScale(block, *scales), codes);
  *mins = -8 * *scales;
}

void unpackU4F32(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  unpackNibbles(readScale(readScale(block, *scales), *mins), codes);
}

void unpackI8F32(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  std::memcpy(codes, readScale(block, *scales), 32);
  *mins = -128 * *scales;
}

void unpackU8F32(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  std::memcpy(codes, readScale(readScale(block, *scales), *mins), 32);
}

} // namespace ph::blocks
