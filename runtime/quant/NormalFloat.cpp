#include "runtime/quant/NormalFloat.h"
#include "runtime/quant/Blocks.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace ph {
namespace {

/// The nearest of rising numbers; the lower one of two that are as near.
template <size_t N> size_t nearest(const std::array<float, N> &numbers, float value) {
  const size_t upper = size_t(std::lower_bound(numbers.begin(), numbers.end(), value) - numbers.begin());
  if (upper == 0 || upper == N)
    return upper == 0 ? 0 : N - 1;
  return value - numbers[upper - 1] <= numbers[upper] - value ? upper - 1 : upper;
}

/// bitsandbytes' signed dynamic map (Dettmers, 2015, arXiv:1511.04561): 2^i numbers of either sign below each power of
/// ten, in the middle of as many parts of it.
std::array<float, 256> dynamicMap() {
  std::array<float, 256> map;
  size_t at = 0;
  for (int i = 0; i < 7; ++i) {
    const int parts = 1 << i;
    const auto power = float(std::pow(10.0, i - 6));
    // Bounds as torch.linspace has them, from either end.
    const float step = 0.9f / float(parts);
    auto bound = [&](int n) { return n < (parts + 1) / 2 ? 0.1f + step * float(n) : 1.0f - step * float(parts - n); };
    for (int part = 0; part < parts; ++part) {
      const float low = bound(part), high = bound(part + 1);
      const float number = power * ((low + high) / 2);
      map[at++] = number;
      map[at++] = -number;
    }
  }
  map[at++] = 0;
  map[at++] = 1;
  std::sort(map.begin(), map.end());
  return map;
}

float largestOf(std::span<const float> values) {
  float largest = 0;
  for (float value : values)
    largest = std::max(largest, std::fabs(value));
  return largest;
}

/// What is left of the scales when they have been quantized.
void quantizeScales(std::span<float> scales) {
  static const std::array<float, 256> map = dynamicMap();
  constexpr size_t block = 256;
  double sum = 0;
  for (float scale : scales)
    sum += scale;
  const auto mean = float(sum / double(scales.size()));
  for (float &scale : scales)
    scale -= mean;
  for (size_t first = 0; first < scales.size(); first += block) {
    std::span<float> part = scales.subspan(first, std::min(block, scales.size() - first));
    const float largest = largestOf(part);
    for (float &scale : part)
      scale = largest == 0 ? mean : map[nearest(map, scale / largest)] * largest + mean;
  }
}

} // namespace

void quantizeNormalFloat(std::span<const float> values, uint8_t *blocks) {
  std::array<float, 16> numbers;
  std::copy(std::begin(kNormalFloat4), std::end(kNormalFloat4), numbers.begin());
  std::vector<float> scales;
  for (size_t at = 0; at < values.size(); at += kNormalFloatBlock)
    scales.push_back(largestOf(values.subspan(at, kNormalFloatBlock)));
  // Codes are found with the scales as they are.
  for (size_t b = 0; b < scales.size(); ++b) {
    uint8_t *codes = blocks + b * kNormalFloatBytes + sizeof(float);
    for (size_t i = 0; i < kNormalFloatBlock / 2; ++i) {
      const float *pair = values.data() + b * kNormalFloatBlock + 2 * i;
      auto code = [&](float value) { return nearest(numbers, scales[b] == 0 ? 0 : value / scales[b]); };
      codes[i] = uint8_t(code(pair[0]) | code(pair[1]) << 4);
    }
  }
  quantizeScales(scales);
  for (size_t b = 0; b < scales.size(); ++b)
    std::memcpy(blocks + b * kNormalFloatBytes, &scales[b], sizeof(float));
}

void blocks::unpackNF4(const uint8_t *block, uint8_t *codes, float *scales, float *mins) {
  std::memcpy(&scales[0], block, sizeof(float));
  scales[1] = scales[0];
  mins[0] = mins[1] = 0;
  for (int64_t i = 0; i < kNormalFloatBlock / 2; ++i) {
    codes[2 * i] = block[sizeof(float) + i] & 15;
    codes[2 * i + 1] = block[sizeof(float) + i] >> 4;
  }
}

} // namespace ph
