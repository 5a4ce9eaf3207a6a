#include "runtime/quant/Finite.h"
#include <algorithm>
#include <cstring>

namespace ph {

template <class T, T exponentMask> static bool hasFullExponent(const uint8_t *bytes) {
  T bits;
  std::memcpy(&bits, bytes, sizeof(T));
  return (bits & exponentMask) == exponentMask;
}

static bool isHalfBad(const uint8_t *bytes) { return hasFullExponent<uint16_t, 0x7c00>(bytes); }
static bool isBfloatBad(const uint8_t *bytes) { return hasFullExponent<uint16_t, 0x7f80>(bytes); }
static bool isFloatBad(const uint8_t *bytes) { return hasFullExponent<uint32_t, 0x7f800000>(bytes); }
static bool isDoubleBad(const uint8_t *bytes) {
  double value;
  std::memcpy(&value, bytes, sizeof(value));
  return !(value < 0x1p128 && value > -0x1p128); // also what f32 cannot hold
}

/// Q8_K's f32 scale: one of 2^121 and more times 128 leaves f32.
static bool isQ8KScaleBad(const uint8_t *bytes) {
  float scale;
  std::memcpy(&scale, bytes, sizeof(scale));
  return !(scale < 0x1p121f && scale > -0x1p121f);
}

/// Plain elements: tests runs of 1024 without a branch between them, then looks inside the first bad run.
template <size_t size, bool (*isBad)(const uint8_t *)>
static std::optional<uint64_t> scanElements(std::span<const uint8_t> bytes) {
  size_t count = bytes.size() / size;
  for (size_t first = 0; first < count; first += 1024) {
    size_t last = std::min(count, first + 1024);
    bool bad = false;
    for (size_t i = first; i < last; ++i)
      bad |= isBad(bytes.data() + i * size);
    if (bad)
      for (size_t i = first; i < last; ++i)
        if (isBad(bytes.data() + i * size))
          return i * size;
  }
  return std::nullopt;
}

/// The f16 fields of a block: their offsets, -1 for none.
struct ScaleFields {
  int first = -1, second = -1;
};

static ScaleFields halfFields(std::string_view name) {
  if (name == "q4_0" || name == "q5_0" || name == "q8_0")
    return {0};
  if (name == "q4_1" || name == "q5_1" || name == "q4_k" || name == "q5_k")
    return {0, 2};
  if (name == "q2_k")
    return {80, 82};
  if (name == "q3_k")
    return {108};
  if (name == "q6_k")
    return {208};
  return {};
}

std::optional<uint64_t> findNonFinite(const Format &format, std::span<const uint8_t> bytes) {
  if (format.kind == FormatKind::Float) {
    if (format.name == "f32")
      return scanElements<4, isFloatBad>(bytes);
    if (format.name == "f16")
      return scanElements<2, isHalfBad>(bytes);
    if (format.name == "bf16")
      return scanElements<2, isBfloatBad>(bytes);
    return scanElements<8, isDoubleBad>(bytes);
  }
  if (format.kind != FormatKind::Affine)
    return std::nullopt;
  ScaleFields fields = halfFields(format.name);
  for (uint64_t at = 0; at < bytes.size(); at += format.blockBytes) {
    const uint8_t *block = bytes.data() + at;
    if (fields.first < 0) { // q8_k
      if (isQ8KScaleBad(block))
        return at;
      continue;
    }
    if (isHalfBad(block + fields.first))
      return at + uint64_t(fields.first);
    if (fields.second >= 0 && isHalfBad(block + fields.second))
      return at + uint64_t(fields.second);
  }
  return std::nullopt;
}

} // namespace ph
