// What the back end makes of the kernels: the right instruction, operands from memory, nothing spilled where it counts.
#include "../InnerLoops.h"
#include "KernelHost.h"
#include "runtime/quant/Format.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <regex>

using namespace ph;
using namespace ph::codegen;
using namespace ph::test;

namespace {

std::vector<std::string> loopsOf(const char *level, const char *format, bool int8, bool gated = false) {
  LinearSpec spec;
  spec.K = 576;
  spec.N = 1536;
  spec.weight = *PackedLayout::choose(*findFormatByName(format), spec.K);
  spec.inputGroup = int8 ? spec.weight.group : 0;
  if (gated)
    spec.gate = Activation::Silu;
  return innerLoops(linearAssembly(*findCpuLevel(level), spec));
}

TEST(LinearAssembly, VnniTakesActivationsFromMemoryAndSpillsNothing) {
  for (const char *format : {"q4_0", "q4_1", "q8_0"})
    for (bool gated : {false, true}) {
      std::vector<std::string> loops = loopsOf("x86-64-v4-vnni", format, true, gated);
      std::vector<int> products;
      for (const std::string &loop : loops) {
        products.push_back(count(loop, "vpdpbusd"));
        // Each product: one instruction with 4 activations broadcast from memory; nothing else is broadcast.
        static const std::regex fromMemory("vpdpbusd\t[^\n]*\\{1to16\\}");
        const std::sregex_iterator first(loop.begin(), loop.end(), fromMemory), none;
        EXPECT_EQ(count(loop, "vpdpbusd"), int(std::distance(first, none))) << loop;
        EXPECT_EQ(count(loop, "broadcast"), 0) << loop;
        EXPECT_EQ(count(loop, "(%rsp)"), 0) << format << loop;
        EXPECT_EQ(count(loop, "%ymm"), 0);
      }
      std::sort(products.begin(), products.end());
      // 32 columns are 8 products a row; rows come by 8, 4, 2, 1, and alone.
      std::vector<int> want = {8, 8, 16, 32, 64};
      if (gated)
        want = {8, 8, 8, 8, 16, 16, 32, 32, 64, 64};
      EXPECT_EQ(products, want) << format;
    }
}

TEST(LinearAssembly, MaddubsKeepsToItsLevel) {
  for (const char *format : {"q4_0", "q4_1", "q6_k", "q8_0"}) {
    std::vector<std::string> wide = loopsOf("x86-64-v4", format, true);
    EXPECT_GE(wide.size(), 4u);
    for (const std::string &loop : wide) {
      EXPECT_GT(count(loop, "vpmaddubsw"), 0);
      EXPECT_EQ(count(loop, "vpdpbusd"), 0);
      EXPECT_EQ(count(loop, "(%rsp)"), 0) << format << loop;
    }
  }
  for (const char *format : {"q4_1", "q8_0"}) {
    std::vector<std::string> narrow = loopsOf("x86-64-v3", format, true);
    EXPECT_GE(narrow.size(), 4u);
    for (const std::string &loop : narrow) {
      EXPECT_GT(count(loop, "vpmaddubsw"), 0);
      EXPECT_EQ(count(loop, "zmm"), 0);
      EXPECT_EQ(count(loop, "vpdpbusd"), 0);
    }
  }
}

TEST(LinearAssembly, FloatBlocksSpillNothingOn32Registers) {
  for (const char *format : {"q4_1", "q8_0"}) {
    std::vector<std::string> loops = loopsOf("x86-64-v4", format, false);
    EXPECT_EQ(loops.size(), 5u);
    for (const std::string &loop : loops) {
      EXPECT_EQ(count(loop, "(%rsp)"), 0) << format << loop;
      EXPECT_EQ(count(loop, "broadcast"), 0) << format << loop;
    }
  }
}

TEST(LinearAssembly, WeightsOfFloatsTakeTwoVectorsOfOutputsForEachElement) {
  for (const char *format : {"f16", "bf16", "f32"}) {
    std::vector<int> pairs, singles;
    for (const std::string &loop : loopsOf("x86-64-v4", format, false)) {
      EXPECT_EQ(count(loop, "(%rsp)"), 0) << format << loop;
      const int products = count(loop, "vfmadd"), shared = count(loop, "vbroadcastss");
      EXPECT_EQ(products, shared ? 2 * shared : products) << format << loop;
      (shared ? pairs : singles).push_back(products);
    }
    std::sort(pairs.begin(), pairs.end());
    std::sort(singles.begin(), singles.end());
    // 8 columns are 16 products a row: rows come by 6, 2, 1; of a tile that is left over by 8, 4, 2, 1, and alone.
    EXPECT_EQ(pairs, (std::vector<int>{16, 32, 96})) << format;
    EXPECT_EQ(singles, (std::vector<int>{8, 8, 16, 32, 64})) << format;
  }
}

TEST(LinearAssembly, WeightsArePrefetched) {
  for (const char *level : {"x86-64-v3", "x86-64-v4", "x86-64-v4-vnni"})
    for (const char *format : {"q4_1", "f16"}) {
      std::vector<std::string> loops = loopsOf(level, format, false);
      size_t fetching = llvm::count_if(loops, [](const std::string &loop) { return count(loop, "prefetcht0") > 0; });
      // 16 registers take a tile of codes in two halves, of which the first fetches, and one of floats at once.
      EXPECT_GE(loops.size(), 3u) << level << " " << format;
      bool halves = std::string(level) == "x86-64-v3" && std::string(format) == "q4_1";
      EXPECT_EQ(fetching, halves ? (loops.size() + 1) / 2 : loops.size()) << level << " " << format;
    }
}

TEST(LinearSpec, IsRefusedWithAReason) {
  LinearSpec spec;
  spec.N = 16;
  spec.K = 64;
  spec.weight = *PackedLayout::choose(*findFormatByName("q4_1"), 64);
  spec.inputGroup = 32;
  EXPECT_FALSE(whyUnsupported(spec));
  spec.inputGroup = 16;
  EXPECT_EQ(whyUnsupported(spec).value_or(""),
            "activations encoded by 16 times weights in a4g32hm: the groups must be the same");
  spec.inputGroup = 32;
  spec.K = 40;
  EXPECT_EQ(whyUnsupported(spec).value_or(""), "40 columns are no whole number of groups of 32");
  spec.K = 64;
  spec.gate = Activation::Relu;
  EXPECT_FALSE(whyUnsupported(spec));
  spec.gateBias = spec.upBias = true;
  EXPECT_FALSE(whyUnsupported(spec));
  spec.bias = true;
  EXPECT_TRUE(whyUnsupported(spec));
  spec.bias = false;
  spec.gate.reset();
  EXPECT_EQ(whyUnsupported(spec).value_or(""), "a plain product with the bias of a gate or of up");
}

TEST(LinearSpec, NamesDifferForDifferentKernels) {
  const CpuLevel &level = cpuLevels().front();
  LinearSpec spec;
  spec.N = 16;
  spec.K = 64;
  std::vector<std::string> names = {linearName(level, spec), linearName(cpuLevels().back(), spec)};
  auto add = [&](auto change) {
    LinearSpec other = spec;
    change(other);
    names.push_back(linearName(level, other));
  };
  add([](LinearSpec &s) { s.N = 32; });
  add([](LinearSpec &s) { s.K = 32; });
  add([](LinearSpec &s) { s.ldy = 32; });
  add([](LinearSpec &s) { s.bias = true; });
  add([](LinearSpec &s) { s.residual = true; });
  add([](LinearSpec &s) { s.scale = 2; });
  add([](LinearSpec &s) { s.softCap = 2; });
  add([](LinearSpec &s) { s.gate = Activation::Gelu; });
  add([](LinearSpec &s) { s.gate = Activation::GeluTanh; });
  add([](LinearSpec &s) {
    s.gate = Activation::Gelu;
    s.gateBias = true;
  });
  add([](LinearSpec &s) {
    s.gate = Activation::Gelu;
    s.upBias = true;
  });
  for (const char *format : {"f16", "bf16", "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q6_k"}) {
    add([&](LinearSpec &s) { s.weight = *PackedLayout::choose(*findFormatByName(format), 256); });
    add([&](LinearSpec &s) {
      s.weight = *PackedLayout::choose(*findFormatByName(format), 256);
      s.inputGroup = 32;
    });
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

} // namespace
