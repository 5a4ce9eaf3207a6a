#include "powerhouse/Codegen/CPU/RowKernels.h"
#include "../KernelTesting.h"

using namespace ph::codegen;
using mlir::ModuleOp;

namespace {

class RowKernels : public LevelTest {};
INSTANTIATE_TEST_SUITE_P(Levels, RowKernels, testing::ValuesIn(everyLevel()), levelName);

std::vector<float> rmsNormReference(const std::vector<float> &x, const std::vector<float> &w, int64_t rows, int64_t k,
                                    int64_t ldx, double eps) {
  std::vector<float> y;
  for (int64_t m = 0; m < rows; ++m) {
    double squares = 0;
    for (int64_t i = 0; i < k; ++i)
      squares += double(x[m * ldx + i]) * x[m * ldx + i];
    for (int64_t i = 0; i < k; ++i)
      y.push_back(x[m * ldx + i] / std::sqrt(squares / k + eps) * w[i]);
  }
  return y;
}

TEST_P(RowKernels, RmsNorm) {
  for (int64_t k : {576, 64, 100, 7, 1, 2048 + 24}) {
    KernelJit kernel(level(), [&](ModuleOp m) { return buildRmsNorm(m, level(), {k, 1e-5, {}}); });
    int64_t rows = 5, ldx = k + 3, ldy = k + 1;
    auto x = normal(rows * ldx), w = normal(k);
    auto expected = rmsNormReference(x, w, rows, k, ldx, 1e-5);
    std::vector<float> y(rows * ldy, 7.0f), parts = y;
    kernel(x.data(), w.data(), y.data(), int64_t(0), rows, ldx, ldy);
    for (int64_t m = 0; m < rows; ++m) {
      for (int64_t i = 0; i < k; ++i)
        ASSERT_NEAR(y[m * ldy + i], expected[m * k + i], 2e-6 * (1 + std::fabs(expected[m * k + i]))) << k << " " << i;
      ASSERT_EQ(y[m * ldy + k], 7.0f) << "wrote past the row of " << k;
    }
    for (int64_t m = rows; m-- > 0;)
      kernel(x.data(), w.data(), parts.data(), m, m + 1, ldx, ldy);
    EXPECT_TRUE(sameBits(y, parts));
    kernel(x.data(), w.data(), x.data(), int64_t(0), rows, ldx, ldx);
    for (int64_t i = 0; i < k; ++i)
      ASSERT_EQ(x[i], y[i]) << "in place";
  }
}

TEST_P(RowKernels, RmsNormKeepsSmallAndZeroRows) {
  int64_t k = 64;
  KernelJit kernel(level(), [&](ModuleOp m) { return buildRmsNorm(m, level(), {k, 1e-6, {}}); });
  std::vector<float> x(2 * k, 0.0f), w(k, 2.0f), y(2 * k, 7.0f);
  for (int64_t i = 0; i < k; ++i)
    x[k + i] = 1e-4f;
  kernel(x.data(), w.data(), y.data(), int64_t(0), int64_t(2), k, k);
  EXPECT_EQ(y[0], 0.0f);
  EXPECT_NEAR(y[k], 2e-4 / std::sqrt(1e-8 + 1e-6), 1e-6);
}

TEST_P(RowKernels, RmsNormEncoded) {
  for (unsigned group : {32u, 16u}) {
    int64_t k = 576, rows = 4;
    RmsNormSpec spec{k, 1e-5, {group}};
    KernelJit kernel(level(), [&](ModuleOp m) { return buildRmsNorm(m, level(), spec); });
    KernelJit plain(level(), [&](ModuleOp m) { return buildRmsNorm(m, level(), {k, 1e-5, {}}); });
    auto x = normal(rows * k), w = normal(k);
    std::vector<float> y(rows * k);
    plain(x.data(), w.data(), y.data(), int64_t(0), rows, k, k);
    Encoded expected = encodeReference(y, group), actual(rows * k, group);
    kernel(x.data(), w.data(), actual.codes.data(), actual.scale.data(), actual.sum.data(), int64_t(0), rows, k);
    EXPECT_TRUE(sameBits(expected.codes, actual.codes));
    EXPECT_TRUE(sameBits(expected.scale, actual.scale));
    EXPECT_TRUE(sameBits(expected.sum, actual.sum));
  }
}

TEST_P(RowKernels, Encode) {
  for (unsigned group : {32u, 16u}) {
    int64_t k = 96, rows = 6, ldx = 100;
    KernelJit kernel(level(), [&](ModuleOp m) { return buildEncode(m, level(), {k, group}); });
    auto x = normal(rows * k);
    for (int64_t i = 0; i < k; ++i) {
      x[k + i] = 0.0f;                     // all zero
      x[2 * k + i] *= 1e30f;               // large
      x[3 * k + i] = (i % 5 - 2) * 0.5f;   // ties: 63.5 and 127 of scale 1/127
      x[4 * k + i] = i % 7 ? 0.0f : -3.0f; // the largest is negative
      x[5 * k + i] *= 1e-36f;              // near the smallest normal number
    }
    std::vector<float> wide(rows * ldx);
    for (int64_t m = 0; m < rows; ++m)
      std::copy_n(&x[m * k], k, &wide[m * ldx]);
    Encoded expected = encodeReference(x, group), actual(rows * k, group);
    kernel(wide.data(), actual.codes.data(), actual.scale.data(), actual.sum.data(), int64_t(0), int64_t(2), ldx);
    kernel(wide.data(), actual.codes.data(), actual.scale.data(), actual.sum.data(), int64_t(2), rows, ldx);
    EXPECT_TRUE(sameBits(expected.codes, actual.codes));
    EXPECT_TRUE(sameBits(expected.scale, actual.scale));
    EXPECT_TRUE(sameBits(expected.sum, actual.sum));
  }
}

TEST_P(RowKernels, EncodeKeepsCodesInRangeBelowNormalNumbers) {
  KernelJit kernel(level(), [&](ModuleOp m) { return buildEncode(m, level(), {32, 32}); });
  std::vector<float> x(32, 1e-44f);
  Encoded actual(32, 32);
  kernel(x.data(), actual.codes.data(), actual.scale.data(), actual.sum.data(), int64_t(0), int64_t(1), int64_t(32));
  EXPECT_EQ(actual.scale[0], 0.0f);
  EXPECT_EQ(actual.codes, std::vector<int8_t>(32, 0));
}

TEST_P(RowKernels, AddInPartsAndInPlace) {
  KernelJit kernel(level(), [&](ModuleOp m) { return buildAdd(m, level()); });
  int64_t size = 1000;
  auto a = normal(size), b = normal(size);
  std::vector<float> y(size, 7.0f);
  for (auto [from, to] : {std::pair<int64_t, int64_t>{0, 37}, {37, 38}, {38, 38}, {38, 999}})
    kernel(a.data(), b.data(), y.data(), int64_t(0), int64_t(1), from, to, size, size, size);
  for (int64_t i = 0; i < 999; ++i)
    ASSERT_EQ(y[i], a[i] + b[i]);
  EXPECT_EQ(y[999], 7.0f);
  kernel(a.data(), y.data(), y.data(), int64_t(0), int64_t(1), int64_t(0), int64_t(999), size, size, size);
  for (int64_t i = 0; i < 999; ++i)
    ASSERT_EQ(y[i], a[i] + (a[i] + b[i]));
}

double activate(Activation function, double x) {
  switch (function) {
  case Activation::Silu:
    return x / (1 + std::exp(-x));
  case Activation::Gelu:
    return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
  case Activation::GeluTanh:
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  case Activation::Relu:
    return x > 0 ? x : 0;
  }
  return NAN;
}

TEST_P(RowKernels, GatedActivationOfSlices) {
  for (Activation function : {Activation::Silu, Activation::Gelu, Activation::GeluTanh, Activation::Relu}) {
    KernelJit kernel(level(), [&](ModuleOp m) { return buildGatedActivation(m, level(), {function}); });
    // Rows hold gate and up side by side.
    int64_t rows = 3, k = 101, ld = 2 * k + 1, ldy = k + 2;
    auto x = normal(rows * ld, 4.0f);
    x[0] = -200.0f, x[1] = 200.0f, x[2] = 0.0f, x[3] = -88.0f, x[4] = 1e-20f;
    std::vector<float> y(rows * ldy, 7.0f);
    kernel(x.data(), x.data() + k, y.data(), int64_t(0), rows, int64_t(0), k, ld, ld, ldy);
    for (int64_t m = 0; m < rows; ++m) {
      for (int64_t i = 0; i < k; ++i) {
        double gate = x[m * ld + i], up = x[m * ld + k + i];
        ASSERT_NEAR(y[m * ldy + i], activate(function, gate) * up, 2e-7 * (1 + std::fabs(gate)) * (1 + std::fabs(up)))
            << gate;
      }
      ASSERT_EQ(y[m * ldy + k], 7.0f);
    }
  }
}

TEST_P(RowKernels, GatherRows) {
  int64_t k = 48, table = 9;
  KernelJit kernel(level(), [&](ModuleOp m) { return buildGatherRows(m, level(), {k, {}}); });
  auto x = normal(table * k);
  std::vector<int32_t> rows = {8, 0, 0, 3};
  std::vector<float> y(4 * k);
  kernel(x.data(), rows.data(), y.data(), int64_t(0), int64_t(4), k, k);
  for (int64_t m = 0; m < 4; ++m)
    for (int64_t i = 0; i < k; ++i)
      ASSERT_EQ(y[m * k + i], x[rows[m] * k + i]);
  KernelJit encoded(level(), [&](ModuleOp m) { return buildGatherRows(m, level(), {k, {16}}); });
  Encoded expected = encodeReference(y, 16), actual(4 * k, 16);
  encoded(x.data(), rows.data(), actual.codes.data(), actual.scale.data(), actual.sum.data(), int64_t(0), int64_t(4),
          k);
  EXPECT_TRUE(sameBits(expected.codes, actual.codes));
  EXPECT_TRUE(sameBits(expected.scale, actual.scale));
}

TEST(RowKernelSpecs, RefusalsSayWhy) {
  EXPECT_EQ(whyUnsupported(RmsNormSpec{576, 1e-5, {32}}), std::nullopt);
  EXPECT_EQ(whyUnsupported(RmsNormSpec{100, 1e-5, {32}}), "rows of 100 elements don't divide into groups of 32");
  EXPECT_EQ(whyUnsupported(EncodeSpec{64, 8}), "groups of 8 elements; encodings have 16 or 32");
  EXPECT_EQ(whyUnsupported(GatherRowsSpec{0, {}}), "a row of 0 elements");
  EXPECT_EQ(whyUnsupported(RopeKernelSpec{1, 64, {80, RopeStyle::Half}}),
            "rotary dimension 80 is not an even number from 2 to the head's 64");
}

} // namespace
