// A generated kernel as something to call, random buffers, and the levels that a test runs on.
#pragma once
#include "KernelHost.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <ostream>
#include <random>
#include <vector>

namespace ph::codegen {

/// A kernel compiled for a level, to be called with pointers for memrefs and int64_t for indices.
class KernelJit {
public:
  KernelJit(const CpuLevel &level, const test::HostedKernel::Build &build)
      : host(level,
             [&](mlir::ModuleOp module) {
               mlir::func::FuncOp kernel = build(module);
               EXPECT_EQ(build(module), kernel) << "the same spec made a second function";
               return kernel;
             },
             {}) {}

  template <typename... Arguments> void operator()(Arguments... arguments) const {
    host.as<void(Arguments...)>()(arguments...);
  }

private:
  test::HostedKernel host;
};

inline void PrintTo(const CpuLevel *level, std::ostream *os) { *os << level->name.str(); }

/// One test per level; a level that this machine lacks is skipped with a message.
class LevelTest : public testing::TestWithParam<const CpuLevel *> {
protected:
  void SetUp() override {
    if (!hostSupports(*GetParam()))
      GTEST_SKIP() << "this machine does not run " << GetParam()->name.str();
  }
  const CpuLevel &level() const { return *GetParam(); }

  std::mt19937 random{20240607};
  std::vector<float> normal(size_t size, float deviation = 1.0f) {
    std::normal_distribution<float> distribution(0.0f, deviation);
    std::vector<float> result(size);
    for (float &value : result)
      value = distribution(random);
    return result;
  }
};

inline std::vector<const CpuLevel *> everyLevel() {
  std::vector<const CpuLevel *> result;
  for (const CpuLevel &level : cpuLevels())
    result.push_back(&level);
  return result;
}

inline std::string levelName(const testing::TestParamInfo<const CpuLevel *> &info) {
  return info.param->symbolSuffix();
}

template <typename T> bool sameBits(const std::vector<T> &a, const std::vector<T> &b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

/// The i8xG encoding in plain loops, as RowOutput states it.
struct Encoded {
  std::vector<int8_t> codes;
  std::vector<float> scale, sum;
  Encoded(size_t size, unsigned group) : codes(size), scale(size / group), sum(size / group) {}
};
inline Encoded encodeReference(const std::vector<float> &x, unsigned group) {
  Encoded result(x.size(), group);
  for (size_t g = 0; g < x.size() / group; ++g) {
    float largest = 0;
    for (size_t i = 0; i < group; ++i)
      largest = std::max(largest, std::fabs(x[g * group + i]));
    float scale = largest / 127.0f;
    if (scale < 0x1p-126f)
      scale = 0;
    int total = 0;
    for (size_t i = 0; i < group; ++i) {
      float code = scale > 0 ? std::nearbyint(x[g * group + i] / scale) : 0.0f;
      result.codes[g * group + i] = static_cast<int8_t>(code);
      total += static_cast<int>(code);
    }
    result.scale[g] = scale;
    result.sum[g] = scale * total;
  }
  return result;
}

} // namespace ph::codegen
