// Which instruction set levels this CPU and its system can run.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// One instruction set that some level needs, and whether this CPU has it and the system saves its registers.
struct CpuFeature {
  std::string_view name;
  bool present;
};

/// A level that kernels are compiled for: "x86-64-v3", "x86-64-v4" (psABI) and "x86-64-v4-vnni" (v4 and AVX512_VNNI).
struct CpuLevelSupport {
  std::string_view name;
  std::vector<std::string_view> missing; ///< features that this machine lacks; empty if the level can run
};

/// Every feature that is looked at, in a fixed order.
std::vector<CpuFeature> cpuFeatures();
/// The levels from the least to the best.
std::vector<CpuLevelSupport> cpuLevels();
/// The CPU's own name ("AMD EPYC …"), empty if it doesn't say.
std::string cpuName();

/// The best of `levels` (names) that this machine runs; its index, or -1 with a sentence in `why` about what is
/// missing.
int pickCpuLevel(std::span<const std::string> levels, std::string &why);

} // namespace ph
