#include "KernelHost.h"
#include "WeightSamples.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::codegen;
using namespace ph::test;

namespace {

/// Activations, plain and encoded as the contract says: scale = max|x| / 127, sum = scale * sum of codes.
struct Input {
  Input(int64_t rows, int64_t K, int64_t group, uint32_t seed) : rows(rows), K(K), group(group), x(rows * K) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (float &value : x)
      value = normal(random);
    seen.assign(x.begin(), x.end());
    if (!group)
      return;
    codes.resize(rows * K);
    scales.resize(rows * K / group);
    sums.resize(rows * K / group);
    for (int64_t block = 0; block < rows * K / group; ++block) {
      float top = 0;
      for (int64_t i = 0; i < group; ++i)
        top = std::max(top, std::abs(x[block * group + i]));
      scales[block] = top / 127;
      int total = 0;
      for (int64_t i = block * group; i < (block + 1) * group; ++i) {
        codes[i] = int8_t(std::nearbyint(x[i] / scales[block]));
        total += codes[i];
        seen[i] = double(scales[block]) * codes[i];
      }
      sums[block] = scales[block] * total;
    }
  }
  const void *data() const { return group ? static_cast<const void *>(codes.data()) : x.data(); }
  /// From row `row` on.
  const void *data(int64_t row) const {
    return group ? static_cast<const void *>(codes.data() + row * K) : x.data() + row * K;
  }
  const float *scalesAt(int64_t row) const { return group ? scales.data() + row * K / group : nullptr; }
  const float *sumsAt(int64_t row) const { return group ? sums.data() + row * K / group : nullptr; }

  int64_t rows, K, group;
  std::vector<float> x;
  std::vector<int8_t> codes;
  std::vector<float> scales, sums;
  std::vector<double> seen; ///< what the kernel is given, exactly
};

/// x . w, and the size of what was added up: what rounding is measured by.
struct Dot {
  double value = 0, size = 0;
};
Dot dotOf(const Input &input, int64_t m, const PackedLayout &layout, const std::vector<uint8_t> &packed, int64_t row) {
  Dot dot;
  for (int64_t k = 0; k < input.K; ++k) {
    const double w = packedValue(layout, packed, input.K, row, k), x = input.seen[m * input.K + k];
    dot.value += w * x;
    dot.size += std::abs(w * x);
  }
  return dot;
}

double activate(Activation activation, double v) {
  switch (activation) {
  case Activation::Silu:
    return v / (1 + std::exp(-v));
  case Activation::Gelu:
    return v / 2 * std::erfc(-v / std::sqrt(2.0));
  case Activation::GeluTanh:
    return v / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)));
  case Activation::Relu:
    return std::max(v, 0.0);
  }
  return 0;
}

/// f32 rounding of sums of up to a few hundred terms, and zero points that cancel.
constexpr double kTolerance = 1.5e-6;

class Linear : public testing::TestWithParam<const CpuLevel *> {
protected:
  void SetUp() override {
    if (!hostSupports(*GetParam())) {
      std::fprintf(stderr, "SKIPPED: this machine does not run %s\n", GetParam()->name.str().c_str());
      GTEST_SKIP() << "this machine does not run " << GetParam()->name.str();
    }
  }

  static LinearSpec specOf(const SampleMatrix &w, bool int8) {
    LinearSpec spec;
    spec.weight = *PackedLayout::choose(*w.format, w.columns);
    spec.N = w.rows;
    spec.K = w.columns;
    spec.inputGroup = int8 ? spec.weight.group : 0;
    return spec;
  }
};

TEST_P(Linear, MatchesPlainLoopsInEveryFormat) {
  for (const std::string &name : multipliedFormats())
    for (bool int8 : {false, true}) {
      const int64_t N = 37, K = 512, most = 19;
      SampleMatrix w(name, N, K, 1);
      LinearSpec spec = specOf(w, int8);
      if (int8 && !spec.weight.isAffine())
        continue;
      std::vector<uint8_t> packed = packAll({spec.weight, {w.part()}, {}, nullptr});
      HostedKernel kernel = hostLinear(*GetParam(), spec);
      Input input(most, K, spec.inputGroup, 2);
      std::vector<float> all(most * N + 16, -77.0f);
      kernel.as<LinearFn>()(packed.data(), input.data(), input.scalesAt(0), input.sumsAt(0), all.data(), nullptr,
                            nullptr, 0, 3, most);
      for (int64_t m = 0; m < most; ++m)
        for (int64_t n = 0; n < N; ++n) {
          Dot dot = dotOf(input, m, spec.weight, packed, n);
          ASSERT_NEAR(all[m * N + n], dot.value, dot.size * kTolerance)
              << name << (int8 ? " int8" : " f32") << " row " << m << " column " << n;
        }
      for (int64_t i = 0; i < 16; ++i)
        ASSERT_EQ(all[most * N + i], -77.0f) << "written beyond the end";

      // The same bits for any number of rows, from any row on, and for tiles one by one.
      for (int64_t rows = 1; rows <= most; ++rows) {
        std::vector<float> some(rows * N, -77.0f);
        const int64_t first = most - rows;
        for (int64_t tile = 0; tile < 3; ++tile)
          kernel.as<LinearFn>()(packed.data(), input.data(first), input.scalesAt(first), input.sumsAt(first),
                                some.data(), nullptr, nullptr, tile, tile + 1, rows);
        ASSERT_TRUE(std::equal(some.begin(), some.end(), all.begin() + first * N))
            << name << (int8 ? " int8" : " f32") << " differs with " << rows << " rows";
      }
    }
}

TEST_P(Linear, GatesAndAddsResidualInPlace) {
  for (std::string name : {"q4_1", "q8_0", "q6_k", "f16"})
    for (bool int8 : {false, true})
      for (Activation activation : {Activation::Silu, Activation::Gelu, Activation::GeluTanh, Activation::Relu})
        for (int64_t N : {32, 20}) {
          const int64_t K = 256, most = 9, ldy = 40;
          SampleMatrix gate(name, N, K, 3), up(name, N, K, 4);
          LinearSpec spec = specOf(gate, int8);
          if (int8 && !spec.weight.isAffine())
            continue;
          if (activation != Activation::Silu && name != "q4_1") // each activation once, each layout once
            continue;
          spec.gate = activation;
          spec.residual = N == 20;
          spec.ldy = ldy;
          std::vector<uint8_t> packed = packAll({spec.weight, {gate.part()}, {up.part()}, nullptr});
          HostedKernel kernel = hostLinear(*GetParam(), spec);
          Input input(most, K, spec.inputGroup, 5);
          std::vector<float> first(most * ldy, 0.25f), y = first;
          kernel.as<LinearFn>()(packed.data(), input.data(), input.scalesAt(0), input.sumsAt(0), y.data(), y.data(),
                                nullptr, 0, 2, most);
          for (int64_t m = 0; m < most; ++m)
            for (int64_t n = 0; n < ldy; ++n) {
              if (n >= N) {
                ASSERT_EQ(y[m * ldy + n], 0.25f) << "written between rows";
                continue;
              }
              const int64_t tile = n / 16 * 32 + n % 16;
              Dot g = dotOf(input, m, spec.weight, packed, tile), u = dotOf(input, m, spec.weight, packed, tile + 16);
              const double want = activate(activation, g.value) * u.value + (spec.residual ? 0.25 : 0);
              // Activations have slopes below 1.13.
              const double bound = kTolerance * (1.2 * g.size * std::abs(u.value) + u.size * (std::abs(g.value) + 1));
              ASSERT_NEAR(y[m * ldy + n], want, bound)
                  << name << (int8 ? " int8 " : " f32 ") << int(activation) << " row " << m << " column " << n;
            }
          for (int64_t rows : {1, 2, 3, 5, 8}) {
            std::vector<float> some(first.begin(), first.begin() + rows * ldy);
            kernel.as<LinearFn>()(packed.data(), input.data(1), input.scalesAt(1), input.sumsAt(1), some.data(),
                                  some.data(), nullptr, 0, 2, rows);
            ASSERT_TRUE(std::equal(some.begin(), some.end(), y.begin() + ldy)) << name << " " << rows << " rows";
          }
        }
}

TEST_P(Linear, AddsBiasesOfGateAndUp) {
  const int64_t K = 64, rows = 5;
  for (bool int8 : {false, true})
    for (int64_t N : {32, 20})
      for (int parts : {1, 2, 3}) {
        SampleMatrix gate("q4_1", N, K, 3), up("q4_1", N, K, 4);
        LinearSpec spec = specOf(gate, int8);
        spec.gate = Activation::Silu;
        spec.gateBias = parts & 1;
        spec.upBias = parts & 2;
        std::vector<uint8_t> packed = packAll({spec.weight, {gate.part()}, {up.part()}, nullptr});
        HostedKernel kernel = hostGated(*GetParam(), spec);
        Input input(rows, K, spec.inputGroup, 5);
        std::vector<float> gateBias(N), upBias(N), y(rows * N);
        for (int64_t n = 0; n < N; ++n) {
          gateBias[n] = 2 * std::cos(float(n));
          upBias[n] = 3 * std::sin(float(n) + 1);
        }
        kernel.as<GatedFn>()(packed.data(), input.data(), input.scalesAt(0), input.sumsAt(0), y.data(), gateBias.data(),
                             upBias.data(), 0, spec.tiles(), rows);
        for (int64_t m = 0; m < rows; ++m)
          for (int64_t n = 0; n < N; ++n) {
            const int64_t tile = n / 16 * 32 + n % 16;
            Dot g = dotOf(input, m, spec.weight, packed, tile), u = dotOf(input, m, spec.weight, packed, tile + 16);
            const double inGate = g.value + (spec.gateBias ? gateBias[n] : 0),
                         inUp = u.value + (spec.upBias ? upBias[n] : 0);
            const double bound =
                kTolerance * (1.2 * (g.size + 2) * std::abs(inUp) + (u.size + 3) * (std::abs(inGate) + 1));
            ASSERT_NEAR(y[m * N + n], activate(Activation::Silu, inGate) * inUp, bound)
                << parts << (int8 ? " int8 " : " f32 ") << "row " << m << " column " << n;
          }
      }
}

TEST_P(Linear, FinishesWithScaleBiasCapAndResidual) {
  const int64_t N = 40, K = 64, rows = 5;
  SampleMatrix w("q5_0", N, K, 6);
  Input input(rows, K, 32, 7);
  std::vector<float> bias(N), residual(rows * N);
  for (size_t i = 0; i < residual.size(); ++i)
    residual[i] = std::sin(float(i));
  for (int64_t n = 0; n < N; ++n)
    bias[n] = std::cos(float(n));
  for (int parts : {1, 2, 4, 8, 6, 15}) {
    LinearSpec spec = specOf(w, true);
    spec.bias = parts & 1;
    spec.residual = parts & 2;
    spec.scale = parts & 4 ? 0.37f : 1.0f;
    spec.softCap = parts & 8 ? 2.0f : 0.0f;
    std::vector<uint8_t> packed = packAll({spec.weight, {w.part()}, {}, nullptr});
    HostedKernel kernel = hostLinear(*GetParam(), spec);
    std::vector<float> y(rows * N);
    kernel.as<LinearFn>()(packed.data(), input.data(), input.scalesAt(0), input.sumsAt(0), y.data(), residual.data(),
                          bias.data(), 0, spec.tiles(), rows);
    for (int64_t m = 0; m < rows; ++m)
      for (int64_t n = 0; n < N; ++n) {
        Dot dot = dotOf(input, m, spec.weight, packed, n);
        double want = dot.value * spec.scale + (spec.bias ? bias[n] : 0);
        if (spec.softCap)
          want = spec.softCap * std::tanh(want / spec.softCap);
        want += spec.residual ? residual[m * N + n] : 0;
        ASSERT_NEAR(y[m * N + n], want, (dot.size + 2) * kTolerance) << parts << " row " << m << " column " << n;
      }
  }
}

TEST_P(Linear, LooksCodesUpInATable) {
  const int64_t N = 37, K = 192, rows = 5;
  SampleMatrix w("nf4", N, K, 12);
  LinearSpec spec = specOf(w, false);
  ASSERT_EQ(spec.weight.name(), "n4g32s");
  std::vector<uint8_t> packed = packAll({spec.weight, {w.part()}, {}, nullptr});
  HostedKernel kernel = hostLinear(*GetParam(), spec);
  Input input(rows, K, 0, 13);
  std::vector<float> y(rows * N);
  kernel.as<LinearFn>()(packed.data(), input.data(), nullptr, nullptr, y.data(), nullptr, nullptr, 0, 3, rows);
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t n = 0; n < N; ++n) {
      double value = 0, size = 0;
      for (int64_t k = 0; k < K; ++k) {
        value += double(w.values[n * K + k]) * input.seen[m * K + k];
        size += std::abs(double(w.values[n * K + k]) * input.seen[m * K + k]);
      }
      ASSERT_NEAR(y[m * N + n], value, size * kTolerance) << "row " << m << " column " << n;
    }
  LinearSpec encoded = spec;
  encoded.inputGroup = 32;
  EXPECT_TRUE(whyUnsupported(encoded));
}

TEST_P(Linear, TakesAnyColumnsOfFloats) {
  for (std::string name : {"f32", "f16", "bf16"})
    for (int64_t K : {1, 3, 8, 13, 50}) {
      SampleMatrix w(name, 16, K, 8);
      LinearSpec spec = specOf(w, false);
      std::vector<uint8_t> packed = packAll({spec.weight, {w.part()}, {}, nullptr});
      HostedKernel kernel = hostLinear(*GetParam(), spec);
      Input input(3, K, 0, 9);
      std::vector<float> y(3 * 16);
      kernel.as<LinearFn>()(packed.data(), input.data(), nullptr, nullptr, y.data(), nullptr, nullptr, 0, 1, 3);
      for (int64_t i = 0; i < 3 * 16; ++i) {
        Dot dot = dotOf(input, i / 16, spec.weight, packed, i % 16);
        ASSERT_NEAR(y[i], dot.value, dot.size * kTolerance) << name << " K = " << K;
      }
    }
}

/// The largest codes against the largest activations: what 16-bit sums must bear.
TEST_P(Linear, DoesNotSaturate) {
  for (const std::string &name : multipliedFormats()) {
    const Format &format = *findFormatByName(name);
    if (format.kind != FormatKind::Affine)
      continue;
    const int64_t N = 16, K = 256;
    SampleMatrix w(name, N, K, 10);
    LinearSpec spec = specOf(w, true);
    std::vector<uint8_t> packed = packAll({spec.weight, {w.part()}, {}, nullptr});
    // Every code as large as it gets.
    for (int64_t group = 0; group < K / spec.weight.group; ++group) {
      uint8_t *codes = packed.data() + group * spec.weight.groupBytes() + spec.weight.groupHeaderBytes();
      const int top = (1 << spec.weight.codeBits) - 1;
      std::fill(codes, codes + 16 * spec.weight.group * spec.weight.storedBits / 8,
                spec.weight.storedBits == 4 ? top * 17 : top);
    }
    HostedKernel kernel = hostLinear(*GetParam(), spec);
    Input input(2, K, spec.inputGroup, 11);
    for (int64_t i = 0; i < 2 * K; ++i) {
      input.codes[i] = i < K ? 127 : -127;
      input.seen[i] = double(input.scales[i / input.group]) * input.codes[i];
      input.sums[i / input.group] = input.scales[i / input.group] * float(input.codes[i] * input.group);
    }
    std::vector<float> y(2 * N);
    kernel.as<LinearFn>()(packed.data(), input.data(), input.scalesAt(0), input.sumsAt(0), y.data(), nullptr, nullptr,
                          0, 1, 2);
    for (int64_t i = 0; i < 2 * N; ++i) {
      Dot dot = dotOf(input, i / N, spec.weight, packed, i % N);
      ASSERT_NEAR(y[i], dot.value, dot.size * kTolerance) << name;
    }
  }
}

/// An artifact answers the same on every machine.
TEST(LinearLevels, AgreeBitForBit) {
  for (bool int8 : {true, false}) {
    SampleMatrix gate("q4_1", 32, 128, 12), up("q4_1", 32, 128, 13);
    LinearSpec spec;
    spec.weight = *PackedLayout::choose(*gate.format, 128);
    spec.N = 32;
    spec.K = 128;
    spec.inputGroup = int8 ? 32 : 0;
    spec.gate = Activation::GeluTanh;
    std::vector<uint8_t> packed = packAll({spec.weight, {gate.part()}, {up.part()}, nullptr});
    Input input(7, 128, spec.inputGroup, 14);
    std::vector<float> first;
    for (const CpuLevel &level : cpuLevels()) {
      if (!hostSupports(level))
        continue;
      HostedKernel kernel = hostLinear(level, spec);
      std::vector<float> y(7 * 32);
      kernel.as<LinearFn>()(packed.data(), input.data(), input.scalesAt(0), input.sumsAt(0), y.data(), nullptr, nullptr,
                            0, 2, 7);
      if (first.empty())
        first = y;
      EXPECT_EQ(y, first) << level.name.str() << (int8 ? " int8" : " f32");
    }
  }
}

std::string levelName(const testing::TestParamInfo<const CpuLevel *> &info) { return info.param->symbolSuffix(); }
std::vector<const CpuLevel *> allLevels() {
  std::vector<const CpuLevel *> levels;
  for (const CpuLevel &level : cpuLevels())
    levels.push_back(&level);
  return levels;
}
INSTANTIATE_TEST_SUITE_P(Levels, Linear, testing::ValuesIn(allLevels()), levelName);

} // namespace
