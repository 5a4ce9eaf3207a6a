#include "runtime/quant/Finite.h"
#include "runtime/quant/Blocks.h"
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

/// MXFP4's power of two: one of 2^125 and more, as 24 halves of it (the largest code) leave f32.
static bool isMXFP4ScaleBad(const uint8_t *bytes) { return bytes[0] >= 252; }

/// f32 scales and mins of blocks of codes of at most 8 bits.
static bool isScaleBad(const uint8_t *bytes) {
  float scale;
  std::memcpy(&scale, bytes, sizeof(scale));
  return !(scale < 0x1p119f && scale > -0x1p119f);
}
static bool isScaleOrMinBad(const uint8_t *bytes) {
  float min;
  std::memcpy(&min, bytes + 4, sizeof(min));
  return isScaleBad(bytes) || !(min < 0x1p127f && min > -0x1p127f);
}

static bool isIQ1MScaleBad(const uint8_t *block) { return (blocks::scaleOfIQ1_M(block) & 0x7c00) == 0x7c00; }

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

/// The f16 fields of a block: their offsets; -1 if there is no second.
struct ScaleFields {
  int first = 0, second = -1;
};

static ScaleFields halfFields(std::string_view name) {
  if (name == "q4_0" || name == "q5_0" || name == "q8_0" || name == "q1_0" || name == "q2_0")
    return {0};
  if (name == "iq1_s" || name.starts_with("iq2") || name.starts_with("iq3") || name.starts_with("iq4"))
    return {0};
  if (name == "tq1_0")
    return {52};
  if (name == "tq2_0")
    return {64};
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

/// Blocks with one scale, at byte `field`.
static std::optional<uint64_t> scanBlocks(const Format &format, std::span<const uint8_t> bytes, uint64_t field,
                                          bool (*isBad)(const uint8_t *block)) {
  for (uint64_t at = 0; at < bytes.size(); at += format.blockBytes)
    if (isBad(bytes.data() + at))
      return at + field;
  return std::nullopt;
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
  if (format.kind == FormatKind::Table)
    return scanBlocks(format, bytes, 0, isScaleBad);
  if (format.kind != FormatKind::Affine)
    return std::nullopt;
  if (format.name == "nvfp4") // every scale of 8 bits is finite
    return std::nullopt;
  if (format.name == "q8_k")
    return scanBlocks(format, bytes, 0, isQ8KScaleBad);
  if (format.name == "i4_f32" || format.name == "i8_f32")
    return scanBlocks(format, bytes, 0, isScaleBad);
  if (format.name == "u4_f32" || format.name == "u8_f32")
    return scanBlocks(format, bytes, 0, isScaleOrMinBad);
  if (format.name == "mxfp4")
    return scanBlocks(format, bytes, 0, isMXFP4ScaleBad);
  if (format.name == "iq1_m")
    return scanBlocks(format, bytes, 48, isIQ1MScaleBad);
  ScaleFields fields = halfFields(format.name);
  for (uint64_t at = 0; at < bytes.size(); at += format.blockBytes) {
    const uint8_t *block = bytes.data() + at;
    if (isHalfBad(block + fields.first))
      return at + uint64_t(fields.first);
    if (fields.second >= 0 && isHalfBad(block + fields.second))
      return at + uint64_t(fields.second);
  }
  return std::nullopt;
}

} // namespace ph
