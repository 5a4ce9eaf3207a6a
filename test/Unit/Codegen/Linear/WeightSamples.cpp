#include "WeightSamples.h"
#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>

namespace ph::test {
using namespace codegen;

const std::vector<std::string> &packableFormats() {
  static const std::vector<std::string> names = {
      "f32",    "f16",   "bf16",  "q4_0",  "q4_1",  "q5_0",    "q5_1",   "q8_0",   "q2_k",    "q3_k",   "q4_k",
      "q5_k",   "q6_k",  "q8_k",  "iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s",  "iq3_xxs", "iq3_s",  "iq4_nl",
      "iq4_xs", "tq1_0", "tq2_0", "mxfp4", "nvfp4", "q1_0",    "q2_0",   "i4_f32", "u4_f32",  "i8_f32", "u8_f32"};
  return names;
}

const std::vector<std::string> &multipliedFormats() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> kept, layouts;
    for (const std::string &name : packableFormats()) {
      layouts.push_back(PackedLayout::choose(*findFormatByName(name), 256)->name());
      if (std::find(layouts.begin(), layouts.end() - 1, layouts.back()) == layouts.end() - 1)
        kept.push_back(name);
    }
    return kept;
  }();
  return names;
}

/// Where a block has its f16 scales (ggml-common.h).
static std::vector<int> halfOffsets(const std::string &name) {
  if (name == "q4_1" || name == "q5_1" || name == "q4_k" || name == "q5_k")
    return {0, 2};
  if (name == "q2_k")
    return {80, 82};
  if (name == "q3_k")
    return {108};
  if (name == "q6_k")
    return {208};
  if (name == "tq1_0")
    return {52};
  if (name == "tq2_0")
    return {64};
  return {0};
}

SampleMatrix::SampleMatrix(const std::string &name, int64_t rows, int64_t columns, uint32_t seed)
    : format(findFormatByName(name)), rows(rows), columns(columns) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> scale(0.002f, 0.02f), value(-1.0f, 1.0f);
  const int64_t elements = rows * columns;
  bytes.resize(elements / format->blockElements * format->blockBytes);
  values.resize(elements);
  for (int64_t i = 0; i < elements / format->blockElements; ++i) {
    uint8_t *block = bytes.data() + i * format->blockBytes;
    if (format->kind == FormatKind::Float) {
      const float v = value(random);
      const uint16_t half = name == "f16" ? floatToHalf(v) : floatToBfloat(v);
      name == "f32" ? std::memcpy(block, &v, 4) : std::memcpy(block, &half, 2);
      continue;
    }
    for (uint32_t byte = 0; byte < format->blockBytes; ++byte)
      block[byte] = uint8_t(random());
    if (name == "q8_k" || name == "nf4" || name.ends_with("_f32")) {
      const float v = scale(random), min = value(random);
      std::memcpy(block, &v, 4);
      if (format->zeroPoint < 0)
        std::memcpy(block + 4, &min, 4);
      continue;
    }
    if (name == "mxfp4") {
      block[0] = uint8_t(118 + random() % 4);
      continue;
    }
    if (name == "nvfp4") {
      for (int i = 0; i < 4; ++i)
        block[i] &= 0x1f;
      continue;
    }
    if (name == "iq1_m") { // 0x2000 to 0x2fff: about 0.01
      block[55] = uint8_t(0x20 | (block[55] & 0x8f));
      continue;
    }
    for (int offset : halfOffsets(name)) {
      const uint16_t half = floatToHalf(random() % 2 ? scale(random) : -scale(random));
      std::memcpy(block + offset, &half, 2);
    }
  }
  dequantize(*format, bytes.data(), values.data(), elements);
}

PackPart SampleMatrix::part(const std::string &name) const { return {name, format, bytes, rows, columns, 0}; }

std::vector<uint8_t> packAll(const PackRequest &request) {
  std::vector<uint8_t> all;
  Status failed = packWeights(request, [&](std::span<const uint8_t> bytes) -> Status {
    all.insert(all.end(), bytes.begin(), bytes.end());
    return {};
  });
  EXPECT_FALSE(failed) << (failed ? failed.error().message : "");
  return all;
}

static double packedFloat(const uint8_t *at, PackedLayout::Kind kind) {
  uint32_t bits = 0;
  std::memcpy(&bits, at, kind == PackedLayout::Kind::F32 ? 4 : 2);
  if (kind == PackedLayout::Kind::F16)
    return halfToFloat(uint16_t(bits));
  if (kind == PackedLayout::Kind::BF16)
    return bfloatToFloat(uint16_t(bits));
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

double packedValue(const PackedLayout &layout, const std::vector<uint8_t> &packed, int64_t columns, int64_t row,
                   int64_t column) {
  const uint8_t *tile = packed.data() + row / 16 * layout.tileBytes(columns);
  const int64_t r = row % 16;
  if (!layout.isAffine())
    return packedFloat(tile + (column * 16 + r) * layout.elementBytes(), layout.kind);
  const uint8_t *group = tile + column / layout.group * layout.groupBytes();
  const auto kind = layout.halfScales ? PackedLayout::Kind::F16 : PackedLayout::Kind::F32;
  const double scale = packedFloat(group + r * layout.scaleBytes(), kind);
  const double min =
      layout.hasMins() ? packedFloat(group + (16 + r) * layout.scaleBytes(), kind) : -layout.zeroPoint * scale;
  const int64_t k = column % layout.group;
  const uint8_t *codes = group + layout.groupHeaderBytes();
  const int code = layout.storedBits == 8 ? codes[k / 4 * 64 + r * 4 + k % 4]
                                          : codes[k / 8 * 64 + r * 4 + k % 4] >> (k % 8 >= 4 ? 4 : 0) & 15;
  return scale * code + min;
}

} // namespace ph::test
