#include "runtime/quant/Finite.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

using namespace ph;

/// Puts NaN and both infinities at `offset` of the first, a middle and the last block of zeros, one at a time.
static void checkField(const char *name, uint32_t offset, uint32_t size, std::vector<uint64_t> bad) {
  const Format &format = *findFormatByName(name);
  const size_t blocks = 3000;
  std::vector<uint8_t> bytes(blocks * format.blockBytes);
  EXPECT_EQ(findNonFinite(format, bytes), std::nullopt) << name;
  for (size_t block : {size_t(0), size_t(1023), size_t(1024), blocks - 1})
    for (uint64_t bits : bad) {
      size_t at = block * format.blockBytes + offset;
      std::memcpy(&bytes[at], &bits, size);
      EXPECT_EQ(findNonFinite(format, bytes), at) << name << " block " << block;
      std::memset(&bytes[at], 0, size);
    }
  EXPECT_EQ(findNonFinite(format, bytes), std::nullopt) << name;
}

TEST(Finite, FindsBadElements) {
  checkField("f32", 0, 4, {0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001});
  checkField("f16", 0, 2, {0x7c00, 0xfc00, 0x7e00, 0x7c01});
  checkField("bf16", 0, 2, {0x7f80, 0xff80, 0x7fc0, 0x7f81});
  // An f64 beyond f32's range would become infinite.
  checkField("f64", 0, 8, {0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0x47f0000000000000});
}

TEST(Finite, FindsBadScales) {
  static const struct {
    const char *name;
    std::vector<uint32_t> fields;
  } formats[] = {{"q4_0", {0}},      {"q4_1", {0, 2}}, {"q5_0", {0}},    {"q5_1", {0, 2}}, {"q8_0", {0}},
                 {"q2_k", {80, 82}}, {"q3_k", {108}},  {"q4_k", {0, 2}}, {"q5_k", {0, 2}}, {"q6_k", {208}},
                 {"iq1_s", {0}},     {"iq2_xxs", {0}}, {"iq2_xs", {0}},  {"iq2_s", {0}},   {"iq3_xxs", {0}},
                 {"iq3_s", {0}},     {"iq4_nl", {0}},  {"iq4_xs", {0}},  {"tq1_0", {52}},  {"tq2_0", {64}},
                 {"q1_0", {0}},      {"q2_0", {0}}};
  for (auto &format : formats)
    for (uint32_t field : format.fields)
      checkField(format.name, field, 2, {0x7c00, 0xfc00, 0x7e00});
  for (const char *name : {"q8_k", "i4_f32", "u4_f32", "i8_f32", "u8_f32"})
    checkField(name, 0, 4, {0x7f800000, 0x7fc00000, 0x7f000000});
}

TEST(Finite, AgreesWithDequantizing) {
  // Every byte of a block set to 0xff in turn: bad exactly if some value is not finite.
  for (const char *name : {"q4_0",  "q4_1",   "q5_0",   "q5_1",  "q8_0",    "q2_k",   "q3_k",  "q4_k",
                           "q5_k",  "q6_k",   "q8_k",   "iq1_s", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs",
                           "iq3_s", "iq4_nl", "iq4_xs", "tq1_0", "tq2_0",   "nvfp4",  "q1_0",  "q2_0"}) {
    const Format &format = *findFormatByName(name);
    for (uint32_t i = 0; i + 1 < format.blockBytes; ++i) {
      std::vector<uint8_t> block(format.blockBytes, 0x11);
      block[i] = 0xff;
      std::vector<float> values(format.blockElements);
      format.dequantize(block.data(), values.data());
      bool finite = true;
      for (float value : values)
        finite &= value - value == 0;
      EXPECT_EQ(findNonFinite(format, block) == std::nullopt, finite) << name << " byte " << i;
    }
  }
}

TEST(Finite, FindsWhatHasNoScaleOfItsOwn) {
  // The f16 of IQ1_M is scattered over the upper bits of four numbers.
  const Format &iq1m = *findFormatByName("iq1_m");
  std::vector<uint8_t> blocks(3 * iq1m.blockBytes);
  EXPECT_EQ(findNonFinite(iq1m, blocks), std::nullopt);
  blocks[2 * 56 + 55] = 0x70;
  EXPECT_EQ(findNonFinite(iq1m, blocks), std::nullopt);
  blocks[2 * 56 + 53] = 0xc0;
  EXPECT_EQ(findNonFinite(iq1m, blocks), 2u * 56 + 48);
  // Powers of two, the largest of which times 12, as the largest code stands for, leave f32.
  const Format &mxfp4 = *findFormatByName("mxfp4");
  std::vector<uint8_t> scales(17, 0x77);
  for (int e = 0; e < 256; ++e) {
    float values[32];
    scales[0] = uint8_t(e);
    mxfp4.dequantize(scales.data(), values);
    EXPECT_EQ(findNonFinite(mxfp4, scales) == std::nullopt, std::isfinite(2 * values[0])) << e;
  }
}

TEST(Finite, IgnoresCodesAndIntegers) {
  std::vector<uint8_t> ones(256 * 8, 0xff);
  for (const char *name : {"i8", "i16", "i32", "i64"})
    EXPECT_EQ(findNonFinite(*findFormatByName(name), ones), std::nullopt);
  std::vector<uint8_t> block(18, 0xff);
  block[0] = block[1] = 0;
  EXPECT_EQ(findNonFinite(*findFormatByName("q4_0"), block), std::nullopt);
}
