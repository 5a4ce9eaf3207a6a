// The block layouts of ggml's affine formats. Each unpack function gives codes, and per group a scale and a min, of
// one block, each quantize function makes one of finite values; what the fields are is said in ggml-common.h of
// llama.cpp, the arithmetic in ggml-quants.c.
#pragma once
#include <cstdint>

namespace ph::blocks {

// Legacy formats: 32 elements, one group, f16 scale.
void unpackQ4_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ4_1(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ5_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ5_1(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ8_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins);

// K quants: 256 elements, groups of 16 or 32 whose small integer scales share one f16.
void unpackQ2_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ3_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ4_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ5_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ6_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ8_K(const uint8_t *block, uint8_t *codes, float *scales, float *mins);

void quantizeQ4_0(const float *values, uint8_t *block);
void quantizeQ4_1(const float *values, uint8_t *block);
void quantizeQ5_0(const float *values, uint8_t *block);
void quantizeQ5_1(const float *values, uint8_t *block);
void quantizeQ8_0(const float *values, uint8_t *block);
void quantizeQ2_K(const float *values, uint8_t *block);
void quantizeQ3_K(const float *values, uint8_t *block);
void quantizeQ4_K(const float *values, uint8_t *block);
void quantizeQ5_K(const float *values, uint8_t *block);
void quantizeQ6_K(const float *values, uint8_t *block);

} // namespace ph::blocks
