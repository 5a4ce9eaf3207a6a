#include "lib/Reference/Seeded.h"

namespace ph::reference {

Generator::Generator(uint64_t seed, llvm::StringRef name) : state(seed * 0x9e3779b97f4a7c15u + 0xcbf29ce484222325u) {
  for (unsigned char c : name) // FNV-1a
    state = (state ^ c) * 0x100000001b3u;
}

uint64_t Generator::next() {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double Generator::bell() {
  double sum = uniform();
  sum += uniform();
  sum += uniform();
  sum += uniform();
  return (sum - 2) * 1.7320508075688772;
}

} // namespace ph::reference
