#include "runtime/quant/Format.h"
#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace ph;

/// What 16 bits with `exponentBits` of exponent mean, straight from IEEE 754.
static double meaning(uint16_t bits, int exponentBits) {
  int mantissaBits = 15 - exponentBits, bias = (1 << (exponentBits - 1)) - 1;
  int exponent = (bits & 0x7fff) >> mantissaBits, mantissa = bits & ((1 << mantissaBits) - 1);
  double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == (1 << exponentBits) - 1)
    return mantissa ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * std::ldexp(mantissa, 1 - bias - mantissaBits);
  return sign * std::ldexp(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
}

template <class ToFloat, class FromFloat> static void checkAll(int exponentBits, ToFloat toFloat, FromFloat fromFloat) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    double expected = meaning(uint16_t(bits), exponentBits);
    float value = toFloat(uint16_t(bits));
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(value)) << bits;
      ASSERT_TRUE(std::isnan(toFloat(fromFloat(value)))) << bits;
      continue;
    }
    ASSERT_EQ(double(value), expected) << bits;
    ASSERT_EQ(std::signbit(value), (bits & 0x8000) != 0) << bits;
    ASSERT_EQ(fromFloat(value), bits);
  }
}

TEST(Half, AllBitsThereAndBack) { checkAll(5, halfToFloat, floatToHalf); }
TEST(Bfloat, AllBitsThereAndBack) { checkAll(8, bfloatToFloat, floatToBfloat); }

/// Between each two neighbours: the middle goes to the even one, a hair to either side goes to that side.
template <class ToFloat, class FromFloat>
static void checkRounding(uint16_t last, ToFloat toFloat, FromFloat fromFloat) {
  for (uint16_t low = 0; low < last; ++low) {
    uint16_t high = uint16_t(low + 1), even = low & 1 ? high : low;
    float middle = float((double(toFloat(low)) + double(toFloat(high))) / 2);
    ASSERT_EQ(fromFloat(middle), even) << low;
    ASSERT_EQ(fromFloat(-middle), even | 0x8000) << low;
    ASSERT_EQ(fromFloat(std::nextafter(middle, 0.0f)), low) << low;
    ASSERT_EQ(fromFloat(std::nextafter(middle, INFINITY)), high) << low;
  }
}

TEST(Half, RoundsToNearestEven) { checkRounding(0x7bff, halfToFloat, floatToHalf); }
TEST(Bfloat, RoundsToNearestEven) { checkRounding(0x7f7f, bfloatToFloat, floatToBfloat); }

TEST(Half, OverflowsToInfinity) {
  EXPECT_EQ(floatToHalf(65504.0f), 0x7bff);
  EXPECT_EQ(floatToHalf(std::nextafter(65520.0f, 0.0f)), 0x7bff);
  EXPECT_EQ(floatToHalf(65520.0f), 0x7c00);
  EXPECT_EQ(floatToHalf(-1e30f), 0xfc00);
  EXPECT_EQ(floatToHalf(0x1p-25f), 0);
  EXPECT_EQ(floatToHalf(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(floatToBfloat(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_TRUE(std::isnan(bfloatToFloat(floatToBfloat(std::bit_cast<float>(0x7f800001u)))));
}
