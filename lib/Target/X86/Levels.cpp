// CPU levels: their names, what LLVM calls them, and which one this machine has.
#include "powerhouse/Target/X86.h"

namespace ph::target {
namespace {

struct Level {
  const char *name, *cpu, *features;
  unsigned vectorBits;
};

// x86-64-v4 prefers 256-bit vectors in LLVM's tuning; kernels of these levels are written for 512.
constexpr Level levels[] = {
    {"x86-64-v3", "x86-64-v3", "", 256},
    {"x86-64-v4", "x86-64-v4", "-prefer-256-bit", 512},
    {"x86-64-v4-vnni", "x86-64-v4", "-prefer-256-bit,+avx512vnni", 512},
};

} // namespace

Expected<X86Options> x86OptionsForLevel(const std::string &name) {
  std::string known;
  for (const Level &level : levels) {
    if (name == level.name)
      return X86Options{level.cpu, level.features, level.vectorBits};
    known += std::string(known.empty() ? "" : ", ") + level.name;
  }
  return Error{ErrorCode::Usage, "unknown target '" + name + "': use native or a list of " + known};
}

Expected<std::string> nativeX86Level() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4"))
    return std::string(__builtin_cpu_supports("avx512vnni") ? "x86-64-v4-vnni" : "x86-64-v4");
  if (__builtin_cpu_supports("x86-64-v3"))
    return std::string("x86-64-v3");
  return Error{ErrorCode::Failed, "this CPU lacks AVX2, FMA or F16C (x86-64-v3), the least that kernels need; "
                                  "name the CPU that will run the artifact with --target"};
}

} // namespace ph::target
