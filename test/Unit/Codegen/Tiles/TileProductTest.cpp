// Products of tiles on every level that this machine runs, against plain loops.
#include "powerhouse/Codegen/CPU/TileProduct.h"
#include "../InnerLoops.h"
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
  TileProductSpec spec;
  int64_t m, n, k;
};

test::HostedKernel host(const CpuLevel &level, const TileProductSpec &spec) {
  return test::HostedKernel(level, [&](mlir::ModuleOp module) { return buildTileProduct(module, level, spec); },
                            {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

/// A matrix of random values between guards: exactly what may be read.
struct Operand {
  Operand(std::mt19937 &random, int64_t rows, int64_t columns, int64_t ld) : ld(ld) {
    std::normal_distribution<float> normal;
    values.resize(at + std::max<int64_t>(rows - 1, 0) * ld + (rows ? columns : 0));
    for (float &value : values)
      value = normal(random);
  }
  static constexpr int64_t at = 7;
  int64_t ld;
  std::vector<float> values;
  float operator()(int64_t row, int64_t column) const { return values[at + row * ld + column]; }
};

void check(const test::HostedKernel &kernel, const Case &c) {
  const auto [leftColumns, transposed, half] = c.spec;
  std::mt19937 random(3);
  Operand a = leftColumns ? Operand(random, c.k, c.m, c.m + 3) : Operand(random, c.m, c.k, c.k + 3);
  Operand b = transposed ? Operand(random, c.n, c.k, c.k + 5) : Operand(random, c.k, c.n, c.n + 5);
  Operand result(random, c.m + 1, c.n + 2, c.n + 2);
  const Operand before = result;
  std::vector<_Float16> halves(b.values.begin(), b.values.end());
  if (half)
    b.values.assign(halves.begin(), halves.end());
  kernel.as<TileProductFn>()(a.values.data(), half ? static_cast<const void *>(halves.data()) : b.values.data(),
                             result.values.data(), a.at, a.ld, b.at, b.ld, result.at, result.ld, c.m, c.n, c.k);
  for (int64_t i = 0; i < result.at; ++i)
    ASSERT_EQ(result.values[i], before.values[i]) << "before the matrix";
  for (int64_t i = 0; i <= c.m; ++i)
    for (int64_t j = 0; j < c.n + 2; ++j) {
      // The kernel's own order: one chain of fma.
      float expected = before(i, j);
      for (int64_t k = 0; k < c.k && i < c.m && j < c.n; ++k)
        expected = std::fma(leftColumns ? a(k, i) : a(i, k), transposed ? b(j, k) : b(k, j), expected);
      ASSERT_EQ(result(i, j), expected) << i << ", " << j << " of " << c.m << " x " << c.n << " x " << c.k;
    }
}

TEST(TileProduct, IsOneChainOfFmaForEachElement) {
  for (const CpuLevel &level : cpuLevels()) {
    if (!hostSupports(level))
      continue;
    SCOPED_TRACE(level.name.str());
    for (bool leftColumns : {false, true})
      for (bool transposed : {false, true})
        for (bool half : {false, true}) {
          const TileProductSpec spec{leftColumns, transposed, half};
          SCOPED_TRACE(testing::Message()
                       << "left columns " << leftColumns << ", transposed " << transposed << ", half " << half);
          test::HostedKernel kernel = host(level, spec);
          // Less than a vector, a block and a panel; all of them; and some more.
          for (int64_t k : {0, 1, 8, 20, 64})
            for (int64_t m : {1, 3, 8, 13, 31})
              for (int64_t n : {1, 15, 16, 33, 64})
                check(kernel, {spec, m, n, k});
          // Blocks of depth of different sizes, and more rows of the left matrix than are packed at once.
          for (int64_t k : {256, 257, 1027})
            check(kernel, {spec, 18, 50, k});
          check(kernel, {spec, 300, 17, 30});
        }
  }
}

TEST(TileProduct, KeepsSumsInRegisters) {
  for (const char *level : {"x86-64-v3", "x86-64-v4"})
    for (bool leftColumns : {false, true})
      for (bool transposed : {false, true}) {
        const TileProductSpec spec{leftColumns, transposed};
        const std::string assembly = test::kernelAssembly(*findCpuLevel(level), [&](mlir::ModuleOp module) {
          return buildTileProduct(module, *findCpuLevel(level), spec);
        });
        int most = 0;
        for (const std::string &loop : test::innerLoops(assembly)) {
          most = std::max(most, test::count(loop, "vfmadd"));
          // A register's own place on the stack is at a fixed distance, other than what is read of a panel.
          static const std::regex spilled("mm[0-9]+, [0-9]*\\(%rsp\\)|[\t ][0-9]*\\(%rsp\\), %[xyz]mm");
          EXPECT_FALSE(std::regex_search(loop, spilled)) << loop;
        }
        // Four depths of a whole block: 4 rows of 3 vectors, or 8 of 2.
        EXPECT_EQ(most, std::string_view(level) == "x86-64-v3" ? 48 : 64);
      }
}

} // namespace
