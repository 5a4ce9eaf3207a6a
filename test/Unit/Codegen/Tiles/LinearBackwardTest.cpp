// dx = dy W over packed weights, on every level that this machine runs, against plain loops.
#include "powerhouse/Codegen/CPU/LinearBackward.h"
#include "KernelHost.h"
#include "WeightSamples.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::codegen;
using namespace ph::test;

namespace {

using BackwardFn = void(const uint8_t *weights, const float *dy, float *dx, int64_t tile0, int64_t tile1, int64_t rows);

HostedKernel host(const CpuLevel &level, const LinearBackwardSpec &spec) {
  return HostedKernel(level, [&](mlir::ModuleOp module) { return buildLinearBackward(module, level, spec); }, {});
}

std::vector<float> normal(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> values(size);
  for (float &value : values)
    value = distribution(random);
  return values;
}

/// dx and the size of what was added up.
std::pair<double, double> expected(const std::vector<float> &dy, int64_t row, const LinearBackwardSpec &spec,
                                   const std::vector<uint8_t> &packed, int64_t column) {
  double value = 0, size = 0;
  for (int64_t n = 0; n < spec.N; ++n) {
    const double term = double(dy[row * spec.N + n]) * packedValue(spec.weight, packed, spec.K, n, column);
    value += term;
    size += std::abs(term);
  }
  return {value, size};
}

class LinearBackward : public testing::TestWithParam<const CpuLevel *> {
protected:
  void SetUp() override {
    if (!hostSupports(*GetParam())) {
      std::fprintf(stderr, "SKIPPED: this machine does not run %s\n", GetParam()->name.str().c_str());
      GTEST_SKIP() << "this machine does not run " << GetParam()->name.str();
    }
  }

  void check(const std::string &format, int64_t N, int64_t K, int64_t rows) {
    SampleMatrix w(format, N, K, 1);
    const LinearBackwardSpec spec{*PackedLayout::choose(*w.format, K), N, K, false};
    const std::vector<uint8_t> packed = packAll({spec.weight, {w.part()}, {}, nullptr});
    const std::vector<float> dy = normal(rows * N, 2);
    HostedKernel kernel = host(*GetParam(), spec);
    std::vector<float> dx(rows * K + 16, -77.0f);
    kernel.as<BackwardFn>()(packed.data(), dy.data(), dx.data(), 0, spec.tiles(), rows);
    for (int64_t m = 0; m < rows; ++m)
      for (int64_t k = 0; k < K; ++k) {
        const auto [value, size] = expected(dy, m, spec, packed, k);
        ASSERT_NEAR(dx[m * K + k], value, size * 1e-6) << format << " row " << m << " column " << k;
      }
    for (int64_t i = 0; i < 16; ++i)
      ASSERT_EQ(dx[rows * K + i], -77.0f) << "written beyond the end";
    // The same bits for tiles one by one and for the last rows alone.
    for (int64_t some : {int64_t(1), rows / 2}) {
      std::vector<float> part(some * K, -77.0f);
      for (int64_t tile = 0; tile < spec.tiles(); ++tile)
        kernel.as<BackwardFn>()(packed.data(), dy.data() + (rows - some) * N, part.data(), tile, tile + 1, some);
      ASSERT_TRUE(std::equal(part.begin(), part.end(), dx.begin() + (rows - some) * K)) << some << " rows differ";
    }
  }
};

TEST_P(LinearBackward, MatchesPlainLoopsInEveryFormat) {
  for (const std::string &format : multipliedFormats())
    check(format, 37, 512, 19);
}

TEST_P(LinearBackward, TakesMoreRowsThanStayNearAndSizesThatFitNothing) {
  check("q4_1", 300, 160, 259);
  check("f32", 19, 101, 3);
  check("f16", 1, 1, 2);
}

TEST_P(LinearBackward, ReadsHalvesOfPairs) {
  const int64_t N = 24, K = 64, rows = 5;
  SampleMatrix gate("q8_0", N, K, 3), up("q8_0", N, K, 4);
  const PackedLayout layout = *PackedLayout::choose(*gate.format, K);
  const std::vector<uint8_t> both = packAll({layout, {gate.part()}, {up.part()}, nullptr});
  const std::vector<float> dy = normal(rows * N, 5);
  HostedKernel paired = host(*GetParam(), {layout, N, K, true}), plain = host(*GetParam(), {layout, N, K, false});
  int64_t start = 0;
  for (const SampleMatrix *half : {&gate, &up}) {
    const std::vector<uint8_t> alone = packAll({layout, {half->part()}, {}, nullptr});
    std::vector<float> dx(rows * K), same(rows * K);
    paired.as<BackwardFn>()(both.data() + start, dy.data(), dx.data(), 0, 1, rows);
    plain.as<BackwardFn>()(alone.data(), dy.data(), same.data(), 0, 1, rows);
    EXPECT_EQ(dx, same);
    start += layout.tileBytes(K);
  }
}

TEST(LinearBackwardSpec, RefusesGroupsThatAreNotWhole) {
  const PackedLayout layout = *PackedLayout::choose(*findFormatByName("q4_0"), 64);
  EXPECT_TRUE(whyUnsupported(LinearBackwardSpec{layout, 16, 40, false}));
  EXPECT_FALSE(whyUnsupported(LinearBackwardSpec{layout, 16, 64, false}));
}

std::vector<const CpuLevel *> everyLevel() {
  std::vector<const CpuLevel *> result;
  for (const CpuLevel &level : cpuLevels())
    result.push_back(&level);
  return result;
}

INSTANTIATE_TEST_SUITE_P(Levels, LinearBackward, testing::ValuesIn(everyLevel()),
                         [](const auto &info) { return info.param->symbolSuffix(); });

} // namespace
