// The block layouts of affine formats, ggml's and a few more. Each unpack function gives codes, and per group a scale
// and a min, of one block, each quantize function makes one of finite values; what the fields are is said in
// ggml-common.h of llama.cpp, the arithmetic in ggml-quants.c.
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

// IQ formats (CodebookBlocks.cpp): levels of a codebook, as codes around a zero point.
inline constexpr int kIQ1Zero = 9, kIQ2Zero = 43, kIQ3XXSZero = 62, kIQ3SZero = 15, kIQ4Zero = 128;
void unpackIQ1_S(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackIQ1_M(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackIQ2_XXS(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackIQ2_XS(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackIQ2_S(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackIQ3_XXS(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackIQ3_S(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackIQ4_NL(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackIQ4_XS(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
uint16_t scaleOfIQ1_M(const uint8_t *block); ///< the f16 of the block, whose bits are scattered

// 4-bit floats, doubled to integers.
inline constexpr int kE2M1Zero = 12;
void unpackMXFP4(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackNVFP4(const uint8_t *block, uint8_t *codes, float *scales, float *mins);

// Two and three values (TernaryBlocks.cpp): zero point 1.
void unpackTQ1_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackTQ2_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ1_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackQ2_0(const uint8_t *block, uint8_t *codes, float *scales, float *mins);

// Codes with single scales (ScaledBlocks.cpp), which ggml has not: what other checkpoints' codes become.
void unpackI4F32(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackU4F32(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackI8F32(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
void unpackU8F32(const uint8_t *block, uint8_t *codes, float *scales, float *mins);

// Codes of 16 numbers (NormalFloat.cpp), 32 elements to a group.
void unpackNF4(const uint8_t *block, uint8_t *codes, float *scales, float *mins);

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
