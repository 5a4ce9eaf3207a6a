// The codebooks of ggml's IQ formats (ggml-common.h of llama.cpp): points of 8 or 4 coordinates, each coordinate one
// of a few levels. They were chosen by search, so there is no rule that makes them: a list of keys each.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace ph::blocks {

// Bits 2i and 2i + 1 of a key (IQ3: 3i to 3i + 2) are the number of the level of coordinate i.
extern const std::array<uint16_t, 2048> kIQ1;   ///< IQ1_S and IQ1_M: 8 digits of -1, 0, 1
extern const std::array<uint16_t, 256> kIQ2XXS; ///< IQ2_XXS: 8 digits of 8, 25, 43
extern const std::array<uint16_t, 512> kIQ2XS;  ///< IQ2_XS: likewise
extern const std::array<uint16_t, 1024> kIQ2S;  ///< IQ2_S: likewise
extern const std::array<uint16_t, 256> kIQ3XXS; ///< IQ3_XXS: 4 digits of 4, 12, 20, 28, 36, 44, 52, 62
extern const std::array<uint16_t, 512> kIQ3S;   ///< IQ3_S: 4 digits of 1, 3 ... 15

/// IQ4_NL and IQ4_XS: what the 16 codes stand for.
inline constexpr int8_t kIQ4Levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
/// Floats of one sign, two exponent and one mantissa bit (E2M1 of the OCP microscaling formats), doubled.
inline constexpr int8_t kE2M1Doubled[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

} // namespace ph::blocks
