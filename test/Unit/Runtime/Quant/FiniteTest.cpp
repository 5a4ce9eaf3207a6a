#include "runtime/quant/Finite.h"
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
                 {"q2_k", {80, 82}}, {"q3_k", {108}},  {"q4_k", {0, 2}}, {"q5_k", {0, 2}}, {"q6_k", {208}}};
  for (auto &format : formats)
    for (uint32_t field : format.fields)
      checkField(format.name, field, 2, {0x7c00, 0xfc00, 0x7e00});
  checkField("q8_k", 0, 4, {0x7f800000, 0x7fc00000});
}

TEST(Finite, AgreesWithDequantizing) {
  // Every byte of a block set to 0xff in turn: bad exactly if some value is not finite.
  for (const char *name : {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k", "q8_k"}) {
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

TEST(Finite, IgnoresCodesAndIntegers) {
  std::vector<uint8_t> ones(256 * 8, 0xff);
  for (const char *name : {"i8", "i16", "i32", "i64"})
    EXPECT_EQ(findNonFinite(*findFormatByName(name), ones), std::nullopt);
  std::vector<uint8_t> block(18, 0xff);
  block[0] = block[1] = 0;
  EXPECT_EQ(findNonFinite(*findFormatByName("q4_0"), block), std::nullopt);
}
