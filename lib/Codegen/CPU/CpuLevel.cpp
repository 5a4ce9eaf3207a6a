#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>

namespace ph::codegen {

// prefer-256-bit is a tuning of the generic x86-64-v4 for the first AVX-512 machines; kernels are written for 512 bits.
static constexpr CpuLevel kLevels[] = {
    {"x86-64-v3", "x86-64-v3", "", 8, 16, DotKind::Maddubs},
    {"x86-64-v4", "x86-64-v4", "-prefer-256-bit", 16, 32, DotKind::Maddubs},
    {"x86-64-v4-vnni", "x86-64-v4", "+avx512vnni,-prefer-256-bit", 16, 32, DotKind::Vnni},
};

std::string CpuLevel::symbolSuffix() const {
  std::string symbol = name.str();
  std::replace(symbol.begin(), symbol.end(), '-', '_');
  return symbol;
}

llvm::ArrayRef<CpuLevel> cpuLevels() { return kLevels; }

const CpuLevel *findCpuLevel(llvm::StringRef name) {
  for (const CpuLevel &level : kLevels)
    if (level.name == name)
      return &level;
  return nullptr;
}

bool hostSupports(const CpuLevel &level) {
  static const llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  llvm::SmallVector<llvm::StringRef> needed = {"avx2", "fma", "f16c", "bmi", "bmi2", "lzcnt", "movbe", "popcnt"};
  if (level.lanes == 16)
    needed.append({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"});
  if (level.dot == DotKind::Vnni)
    needed.push_back("avx512vnni");
  return llvm::all_of(needed, [](llvm::StringRef feature) { return host.lookup(feature); });
}

const CpuLevel *hostCpuLevel() {
  for (const CpuLevel &level : llvm::reverse(kLevels))
    if (hostSupports(level))
      return &level;
  return nullptr;
}

} // namespace ph::codegen
