#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

std::vector<double> withBlock(std::vector<double> values, size_t size) {
  values.resize(size);
  return values;
}

TEST(Int8, RoundsHalfToEven) {
  // The largest value makes the scale 1, so the codes are the rounded values.
  auto values = withBlock({127, 0.5, 1.5, 2.5, -0.5, -1.5, -126.5, 3.49}, 16);
  roundThroughInt8(values.data(), 16, 16, true);
  EXPECT_EQ(values, withBlock({127, 0, 2, 2, -0.0, -2, -126, 3}, 16));
}

TEST(Int8, EachBlockHasItsScale) {
  auto values = withBlock({127, 1}, 32);
  values[16] = -0.127;
  values[17] = 0.0015; // 1.5 steps of 0.001
  roundThroughInt8(values.data(), 32, 16, false);
  EXPECT_EQ(values[0], 127);
  EXPECT_EQ(values[1], 1);
  EXPECT_NEAR(values[16], -0.127, 1e-15);
  EXPECT_NEAR(values[17], 0.002, 1e-15);
}

TEST(Int8, ZerosAndTheSmallestStay) {
  std::vector<double> zeros(32);
  roundThroughInt8(zeros.data(), 32, 32, true);
  EXPECT_EQ(zeros, std::vector<double>(32));
  auto tiny = withBlock({0x1p-149, -0x1p-149}, 32);
  roundThroughInt8(tiny.data(), 32, 32, true);
  for (double x : tiny)
    EXPECT_LE(std::fabs(x), 127 * 0x1p-149);
}

TEST_F(ReferenceTest, EncodeRoundsAndAnEncodedResultIsEncoded) {
  std::vector<double> x = withBlock({12.7, 0.34, -5.06}, 32);
  auto results = run(R"(func.func @f(%x: tensor<1x32xf32>, %w: tensor<32xf32>, %i: tensor<1x32xf32>)
      -> (tensor<1x32xf32, #xf.format<i8x32>>, tensor<1x32xf32, #xf.format<i8x32>>, tensor<1x32xf32, #xf.format<i8x32>>) {
    %y = xf.encode %x : (tensor<1x32xf32>) -> tensor<1x32xf32, #xf.format<i8x32>>
    %z = xf.encode %y : (tensor<1x32xf32, #xf.format<i8x32>>) -> tensor<1x32xf32, #xf.format<i8x32>>
    %n = xf.rms_norm %x, %w eps = 0.0 : (tensor<1x32xf32>, tensor<32xf32>) -> tensor<1x32xf32, #xf.format<i8x32>>
    return %y, %z, %n : tensor<1x32xf32, #xf.format<i8x32>>, tensor<1x32xf32, #xf.format<i8x32>>, tensor<1x32xf32, #xf.format<i8x32>>
  })",
                     {Tensor({1, 32}, x), Tensor({32}, std::vector<double>(32, 1)), Tensor({1, 32}, x)});
  ASSERT_EQ(results.size(), 3u);
  expectNear(results[0], withBlock({12.7, 0.3, -5.1}, 32), 1e-5);
  expectNear(results[1], results[0].tensor().data, 0);
  double root = std::sqrt((12.7 * 12.7 + 0.34 * 0.34 + 5.06 * 5.06) / 32);
  expectNear(results[2], withBlock({12.7 / root, 0.3 / root, -5.1 / root}, 32), 1e-5);
}

TEST(Float16, RoundsHalfToEven) {
  // The last bit of bf16 around 1 is 1/128, that of f16 is 1/1024.
  std::vector<double> x = {1 + 1.0 / 256, 1 + 3.0 / 256, 1 + 1.0 / 256 + 0x1p-20, -1 - 1.0 / 256, 3e38, 0}, y = x;
  roundThroughFloat16(x, true);
  EXPECT_EQ(x, (std::vector<double>{1, 1 + 4.0 / 256, 1 + 2.0 / 256, -1, 0x1.c4p127, 0}));
  roundThroughFloat16(y, false);
  EXPECT_EQ(y, (std::vector<double>{1 + 1.0 / 256, 1 + 3.0 / 256, 1 + 1.0 / 256, -1 - 1.0 / 256, INFINITY, 0}));
}

TEST_F(ReferenceTest, OpsTakeAndGiveFloatsOf16Bits) {
  auto results = run(
      R"(func.func @f(%x: tensor<1x2xf32>, %w: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x1xf32, #xf.format<f16>>) {
    %y = xf.encode %x : (tensor<1x2xf32>) -> tensor<1x2xf32, #xf.format<bf16>>
    %z = xf.add %y, %x : (tensor<1x2xf32, #xf.format<bf16>>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %p = xf.linear %y, %w : (tensor<1x2xf32, #xf.format<bf16>>, tensor<1x2xf32>) -> tensor<1x1xf32, #xf.format<f16>>
    return %z, %p : tensor<1x2xf32>, tensor<1x1xf32, #xf.format<f16>>
  })",
      {Tensor({1, 2}, {1 + 1.0 / 256, 2}), Tensor({1, 2}, {1, 0x1p-12})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {2 + 1.0 / 256, 4}, 0);
  expectNear(results[1], {1}, 0); // 1 + 2^-11, half way to the next
}

TEST_F(ReferenceTest, ConsumersSeeRoundedValues) {
  auto results = run(R"(func.func @f(%x: tensor<1x32xf32>, %w: tensor<1x32xf32>) -> tensor<1x1xf32> {
    %y = xf.encode %x : (tensor<1x32xf32>) -> tensor<1x32xf32, #xf.format<i8x32>>
    %z = xf.linear %y, %w : (tensor<1x32xf32, #xf.format<i8x32>>, tensor<1x32xf32>) -> tensor<1x1xf32>
    return %z : tensor<1x1xf32>
  })",
                     {Tensor({1, 32}, withBlock({127, 0.4, 1.6}, 32)), Tensor({1, 32}, withBlock({0, 100, 1}, 32))});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {2}, 0);
}

} // namespace
