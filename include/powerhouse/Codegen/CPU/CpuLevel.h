// The levels of x86-64 that kernels are generated for: an artifact carries each one it was asked for.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace ph::codegen {

/// How products of unsigned weight codes and signed activation codes are summed.
enum class DotKind {
  Maddubs, ///< pmaddubsw into i16, then pmaddwd: AVX2 and AVX-512BW
  Vnni,    ///< vpdpbusd: four products into an i32 lane at once
};

/// One level. `cpu` and `features` are LLVM's names and decide what the back end may use; the rest what generators
/// emit.
struct CpuLevel {
  llvm::StringRef name;     ///< "x86-64-v4-vnni": as --target and the manifest write it
  llvm::StringRef cpu;      ///< -mcpu
  llvm::StringRef features; ///< -mattr, on top of the cpu's
  int lanes;                ///< f32 lanes of a vector register
  int registers;            ///< vector registers
  DotKind dot;

  /// The name as part of a symbol: "x86_64_v4_vnni".
  std::string symbolSuffix() const;
};

/// Every level, weakest first.
llvm::ArrayRef<CpuLevel> cpuLevels();
/// The level of that name; null if there is none.
const CpuLevel *findCpuLevel(llvm::StringRef name);
/// Whether this machine runs code of `level`.
bool hostSupports(const CpuLevel &level);
/// The strongest level that this machine runs; null below x86-64-v3.
const CpuLevel *hostCpuLevel();

} // namespace ph::codegen
