#include "runtime/devices/cpu/CpuFeatures.h"
#include <algorithm>
#include <array>
#include <cstring>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace ph {
namespace {

constexpr std::array kV3 = {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"};
constexpr std::array kV4 = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"};
constexpr std::array kVnni = {"avx512vnni"};

} // namespace

std::vector<CpuFeature> cpuFeatures() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // The compiler's runtime asks both CPUID and, for AVX and AVX-512, whether the system saves the registers (XGETBV).
  return {
      {"avx", bool(__builtin_cpu_supports("avx"))},
      {"avx2", bool(__builtin_cpu_supports("avx2"))},
      {"bmi", bool(__builtin_cpu_supports("bmi"))},
      {"bmi2", bool(__builtin_cpu_supports("bmi2"))},
      {"f16c", bool(__builtin_cpu_supports("f16c"))},
      {"fma", bool(__builtin_cpu_supports("fma"))},
      {"lzcnt", bool(__builtin_cpu_supports("lzcnt"))},
      {"movbe", bool(__builtin_cpu_supports("movbe"))},
      {"avx512f", bool(__builtin_cpu_supports("avx512f"))},
      {"avx512bw", bool(__builtin_cpu_supports("avx512bw"))},
      {"avx512cd", bool(__builtin_cpu_supports("avx512cd"))},
      {"avx512dq", bool(__builtin_cpu_supports("avx512dq"))},
      {"avx512vl", bool(__builtin_cpu_supports("avx512vl"))},
      {"avx512vnni", bool(__builtin_cpu_supports("avx512vnni"))},
  };
#else
  return {};
#endif
}

std::vector<CpuLevelSupport> cpuLevels() {
  const std::vector<CpuFeature> features = cpuFeatures();
  std::vector<std::string_view> missing;
  std::vector<CpuLevelSupport> levels;
  auto add = [&](std::string_view level, const auto &needs) {
    for (std::string_view need : needs) {
      auto found = std::find_if(features.begin(), features.end(), [&](const CpuFeature &f) { return f.name == need; });
      if (found == features.end() || !found->present)
        missing.push_back(need);
    }
    levels.push_back({level, missing});
  };
  // Each level has all of the one before.
  add("x86-64-v3", kV3);
  add("x86-64-v4", kV4);
  add("x86-64-v4-vnni", kVnni);
  return levels;
}

std::string cpuName() {
#if defined(__x86_64__)
  unsigned words[12];
  for (unsigned i = 0; i < 3; ++i)
    if (!__get_cpuid(0x80000002 + i, words + 4 * i, words + 4 * i + 1, words + 4 * i + 2, words + 4 * i + 3))
      return {};
  std::string name(reinterpret_cast<const char *>(words), strnlen(reinterpret_cast<const char *>(words), sizeof words));
  while (!name.empty() && name.back() == ' ')
    name.pop_back();
  return name;
#else
  return {};
#endif
}

int pickCpuLevel(std::span<const std::string> levels, std::string &why) {
  const std::vector<CpuLevelSupport> known = cpuLevels();
  int best = -1, bestRank = -1;
  why.clear();
  for (size_t i = 0; i < levels.size(); ++i) {
    auto level =
        std::find_if(known.begin(), known.end(), [&](const CpuLevelSupport &k) { return k.name == levels[i]; });
    if (!why.empty())
      why += "; ";
    if (level == known.end()) {
      why += "level '" + levels[i] + "' is unknown to this version";
      continue;
    }
    if (!level->missing.empty()) {
      why += "level " + levels[i] + " needs";
      for (std::string_view feature : level->missing)
        why += " " + std::string(feature);
      continue;
    }
    if (int rank = int(level - known.begin()); rank > bestRank) {
      best = int(i);
      bestRank = rank;
    }
  }
  if (levels.empty())
    why = "it names no level";
  return best;
}

} // namespace ph
