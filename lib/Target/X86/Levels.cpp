// What LLVM calls the CPU levels of the kernel generators, and which one this machine has.
#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include "powerhouse/Target/X86.h"

namespace ph::target {

Expected<X86Options> x86OptionsForLevel(const std::string &name) {
  if (const codegen::CpuLevel *level = codegen::findCpuLevel(name))
    return X86Options{level->cpu.str(), level->features.str(), unsigned(level->lanes) * 32};
  std::string known;
  for (const codegen::CpuLevel &level : codegen::cpuLevels())
    known += (known.empty() ? "" : ", ") + level.name.str();
  return Error{ErrorCode::Usage, "unknown target '" + name + "': use native or a list of " + known};
}

Expected<std::string> nativeX86Level() {
  if (const codegen::CpuLevel *level = codegen::hostCpuLevel())
    return level->name.str();
  return Error{ErrorCode::Failed, "this CPU lacks AVX2, FMA or F16C (x86-64-v3), the least that kernels need; "
                                  "name the CPU that will run the artifact with --target"};
}

} // namespace ph::target
