#include "../KernelTesting.h"
#include "powerhouse/Codegen/CPU/RowKernels.h"
#include "runtime/quant/Format.h"

using namespace ph::codegen;
using mlir::ModuleOp;

namespace {

class RopeCache : public LevelTest {};
INSTANTIATE_TEST_SUITE_P(Levels, RopeCache, testing::ValuesIn(everyLevel()), levelName);

TEST_P(RopeCache, TableOfTwoSequences) {
  int64_t dim = 64, half = dim / 2, sequence = 3, rows = 6;
  RopeTableSpec spec{ropeInverseFrequencies(1e5, dim), 1.25};
  ASSERT_EQ(spec.inverseFrequencies.size(), size_t(half));
  EXPECT_EQ(spec.inverseFrequencies[0], 1.0f);
  EXPECT_FLOAT_EQ(spec.inverseFrequencies[16], 1.0f / std::sqrt(1e5f));
  KernelJit kernel(level(), [&](ModuleOp m) { return buildRopeTable(m, level(), spec); });
  std::vector<int32_t> past = {0, 8000};
  std::vector<float> cos(rows * half, 7.0f), sin(rows * half, 7.0f);
  kernel(past.data(), cos.data(), sin.data(), int64_t(0), int64_t(4), sequence);
  kernel(past.data(), cos.data(), sin.data(), int64_t(4), rows, sequence);
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t i = 0; i < half; ++i) {
      float angle = float(past[m / sequence] + m % sequence) * spec.inverseFrequencies[i];
      ASSERT_NEAR(cos[m * half + i], 1.25 * std::cos(double(angle)), 2e-7);
      ASSERT_NEAR(sin[m * half + i], 1.25 * std::sin(double(angle)), 2e-7);
    }
}

/// The rotation of one head in plain loops.
std::vector<double> rotate(const float *x, int64_t headDim, RopeSpec rope, const float *cos, const float *sin) {
  std::vector<double> y(x, x + headDim);
  for (int64_t i = 0; i < rope.dim / 2; ++i) {
    int64_t a = rope.style == RopeStyle::Half ? i : 2 * i, b = rope.style == RopeStyle::Half ? i + rope.dim / 2 : a + 1;
    y[a] = double(x[a]) * cos[i] - double(x[b]) * sin[i];
    y[b] = double(x[b]) * cos[i] + double(x[a]) * sin[i];
  }
  return y;
}

TEST_P(RopeCache, RopeOfBothStyles) {
  for (RopeStyle style : {RopeStyle::Half, RopeStyle::Interleaved})
    for (auto [headDim, dim] : {std::pair<int64_t, int64_t>{64, 64}, {80, 80}, {64, 20}, {96, 32}}) {
      int64_t heads = 3, rows = 4, ldx = heads * headDim + 5, ldy = heads * headDim;
      RopeKernelSpec spec{heads, headDim, {dim, style}};
      KernelJit kernel(level(), [&](ModuleOp m) { return buildRope(m, level(), spec); });
      auto x = normal(rows * ldx), cos = normal(rows * dim / 2), sin = normal(rows * dim / 2);
      std::vector<float> y(rows * ldy);
      kernel(x.data(), cos.data(), sin.data(), y.data(), int64_t(0), rows, ldx, ldy);
      for (int64_t m = 0; m < rows; ++m)
        for (int64_t h = 0; h < heads; ++h) {
          auto expected = rotate(&x[m * ldx + h * headDim], headDim, spec.rope, &cos[m * dim / 2], &sin[m * dim / 2]);
          for (int64_t d = 0; d < headDim; ++d)
            ASSERT_NEAR(y[m * ldy + h * headDim + d], expected[d], 1e-6 * (1 + std::fabs(expected[d])))
                << "head of " << headDim << ", element " << d;
        }
      kernel(x.data(), cos.data(), sin.data(), x.data(), int64_t(0), rows, ldx, ldx);
      for (int64_t i = 0; i < heads * headDim; ++i)
        ASSERT_EQ(x[i], y[i]) << "in place";
    }
}

template <typename T> void checkAppend(const CpuLevel &level, std::vector<float> kv, std::vector<float> angles) {
  constexpr bool half = sizeof(T) == 2;
  int64_t layers = 3, kvHeads = 2, headDim = 48, dim = 48, context = 64, batch = 2, sequence = 5, layer = 1;
  CacheAppendSpec spec{{layers, kvHeads, headDim, half}, RopeSpec{dim, RopeStyle::Half}};
  KernelJit kernel(level, [&](ModuleOp m) { return buildCacheAppend(m, level, spec); });
  int64_t rows = batch * sequence, width = kvHeads * headDim, ld = 2 * width; // rows of [k | v]
  std::vector<int32_t> past = {0, 14};                                        // the second crosses a block
  const float *cos = angles.data(), *sin = cos + rows * dim / 2;
  std::vector<T> cache(batch * layers * 2 * width * context, T(3)), expected = cache;
  kernel(kv.data(), kv.data() + width, cos, sin, past.data(), cache.data(), layer, int64_t(0), int64_t(3), sequence, ld,
         ld, context);
  kernel(kv.data(), kv.data() + width, cos, sin, past.data(), cache.data(), layer, int64_t(3), rows, sequence, ld, ld,
         context);
  auto value = [](T stored) -> float {
    if constexpr (half)
      return ph::halfToFloat(stored);
    else
      return stored;
  };
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t h = 0; h < kvHeads; ++h) {
      int64_t slot = m / sequence, p = past[slot] + m % sequence;
      int64_t keys = (((slot * layers + layer) * 2) * kvHeads + h) * headDim * context;
      int64_t values = keys + width * context;
      auto k = rotate(&kv[m * ld + h * headDim], headDim, *spec.rope, cos + m * dim / 2, sin + m * dim / 2);
      for (int64_t d = 0; d < headDim; ++d) {
        int64_t at = keys + (p / 16 * headDim + d) * 16 + p % 16;
        ASSERT_NEAR(value(cache[at]), k[d], (half ? 5e-4 : 1e-6) * (1 + std::fabs(k[d])));
        expected[at] = cache[at];
        float v = kv[m * ld + width + h * headDim + d];
        if constexpr (half)
          expected[values + p * headDim + d] = ph::floatToHalf(v);
        else
          expected[values + p * headDim + d] = v;
      }
    }
  EXPECT_TRUE(sameBits(cache, expected)) << "wrote elsewhere, or values differ";
}

TEST_P(RopeCache, AppendF32) { checkAppend<float>(level(), normal(10 * 192), normal(10 * 48)); }
TEST_P(RopeCache, AppendF16) { checkAppend<uint16_t>(level(), normal(10 * 192), normal(10 * 48)); }

TEST_P(RopeCache, AppendWithoutRope) {
  int64_t headDim = 16, context = 64;
  CacheAppendSpec spec{{1, 1, headDim, false}, std::nullopt};
  KernelJit kernel(level(), [&](ModuleOp m) { return buildCacheAppend(m, level(), spec); });
  auto k = normal(headDim), v = normal(headDim);
  std::vector<int32_t> past = {33};
  std::vector<float> cache(2 * headDim * context);
  kernel(k.data(), v.data(), past.data(), cache.data(), int64_t(0), int64_t(0), int64_t(1), int64_t(1), headDim,
         headDim, context);
  for (int64_t d = 0; d < headDim; ++d) {
    EXPECT_EQ(cache[(2 * headDim + d) * 16 + 1], k[d]);
    EXPECT_EQ(cache[headDim * context + 33 * headDim + d], v[d]);
  }
}

} // namespace
