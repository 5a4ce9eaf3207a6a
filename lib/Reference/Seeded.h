// Values that depend on a seed and a name only, the same on every machine.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace ph::reference {

/// splitmix64 (Steele, Lea and Flood, 2014), started from a seed and a name.
class Generator {
public:
  Generator(uint64_t seed, llvm::StringRef name);
  uint64_t next();
  /// In [0, 1).
  double uniform() { return double(next() >> 11) * 0x1p-53; }
  /// Mean 0 and variance 1: a sum of four uniforms, which unlike a true normal needs no libm.
  double bell();

private:
  uint64_t state;
};

} // namespace ph::reference
