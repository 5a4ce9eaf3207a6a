// Products of tiles on every level that this machine runs, against plain loops.
#include "powerhouse/Codegen/CPU/TileProduct.h"
#include "KernelHost.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace ph;
using namespace ph::codegen;

namespace {

using TileProductFn = void(const float *a, const void *b, float *c, int64_t aAt, int64_t lda, int64_t bAt, int64_t ldb,
                           int64_t cAt, int64_t ldc, int64_t m, int64_t n, int64_t depth);

struct Case {
  bool transposed;
  int64_t m, n, k;
};

test::HostedKernel host(const CpuLevel &level, const TileProductSpec &spec) {
  return test::HostedKernel(level, [&](mlir::ModuleOp module) { return buildTileProduct(module, level, spec); },
                            {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

void check(const test::HostedKernel &kernel, const Case &c, bool half = false) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  const int64_t lda = c.k + 3, ldb = (c.transposed ? c.k : c.n) + 5, ldc = c.n + 2, at = 7;
  const int64_t rowsOfB = c.transposed ? c.n : c.k;
  // Exactly what may be read and written, with a guard behind it.
  std::vector<float> a(at + (c.m - 1) * lda + c.k), b(at + (rowsOfB - 1) * ldb + (c.transposed ? c.k : c.n));
  std::vector<float> result(at + c.m * ldc);
  for (std::vector<float> *values : {&a, &b, &result})
    for (float &value : *values)
      value = normal(random);
  const std::vector<float> before = result;
  std::vector<_Float16> halves(b.begin(), b.end());
  if (half)
    b.assign(halves.begin(), halves.end());
  kernel.as<TileProductFn>()(a.data(), half ? static_cast<const void *>(halves.data()) : b.data(), result.data(), at,
                             lda, at, ldb, at, ldc, c.m, c.n, c.k);
  for (int64_t i = 0; i < at; ++i)
    ASSERT_EQ(result[i], before[i]) << "before the matrix";
  for (int64_t i = 0; i < c.m; ++i)
    for (int64_t j = 0; j < ldc; ++j) {
      const size_t place = size_t(at + i * ldc + j);
      if (j >= c.n) {
        ASSERT_EQ(result[place], before[place]) << "beside row " << i;
        continue;
      }
      // The kernel's own order: one chain of fma.
      float expected = before[place];
      for (int64_t k = 0; k < c.k; ++k)
        expected = std::fma(a[at + i * lda + k], c.transposed ? b[at + j * ldb + k] : b[at + k * ldb + j], expected);
      ASSERT_EQ(result[place], expected) << i << ", " << j << " of " << c.m << " x " << c.n << " x " << c.k;
    }
}

TEST(TileProduct, IsOneChainOfFmaForEachElement) {
  for (const CpuLevel &level : cpuLevels()) {
    if (!hostSupports(level))
      continue;
    SCOPED_TRACE(level.name.str());
    test::HostedKernel plain = host(level, {}), plainHalf = host(level, {false, 0, true});
    for (int64_t k : {1, 8, 20, 64}) {
      test::HostedKernel transposed = host(level, {true, k}), transposedHalf = host(level, {true, k, true});
      for (int64_t m : {1, 3, 8, 13})
        for (int64_t n : {1, 15, 16, 33, 64}) {
          check(plain, {false, m, n, k});
          check(transposed, {true, m, n, k});
          check(plainHalf, {false, m, n, k}, /*half=*/true);
          check(transposedHalf, {true, m, n, k}, /*half=*/true);
        }
    }
  }
}

TEST(TileProduct, RefusesWhatTheStackCannotHold) {
  EXPECT_TRUE(whyUnsupported(TileProductSpec{true, 1025}));
  EXPECT_TRUE(whyUnsupported(TileProductSpec{true, 0}));
  EXPECT_FALSE(whyUnsupported(TileProductSpec{true, 128}));
  EXPECT_FALSE(whyUnsupported(TileProductSpec{false, 0}));
}

} // namespace
