// 4-bit NormalFloat: codes of 16 numbers, quantiles of a normal distribution, with a scale for each block of 64
// (Dettmers et al., 2023, arXiv:2305.14314), as bitsandbytes has them.
#pragma once
#include <cstdint>
#include <span>

namespace ph {

/// The numbers of the codes, rising from -1 to 1.
inline constexpr float kNormalFloat4[16] = {-1.0f,
                                            -0.6961928009986877f,
                                            -0.5250730514526367f,
                                            -0.39491748809814453f,
                                            -0.28444138169288635f,
                                            -0.18477343022823334f,
                                            -0.09105003625154495f,
                                            0.0f,
                                            0.07958029955625534f,
                                            0.16093020141124725f,
                                            0.24611230194568634f,
                                            0.33791524171829224f,
                                            0.44070982933044434f,
                                            0.5626170039176941f,
                                            0.7229568362236023f,
                                            1.0f};

/// Elements of a block, and bytes: an f32 scale, then the codes, the first in low halves.
inline constexpr int64_t kNormalFloatBlock = 64, kNormalFloatBytes = 36;

/// Encodes whole blocks in the format nf4. The scales, each block's largest magnitude, are quantized themselves: their
/// differences from their mean to 8 bits in blocks of 256 (double quantization).
void quantizeNormalFloat(std::span<const float> values, uint8_t *blocks);

} // namespace ph
