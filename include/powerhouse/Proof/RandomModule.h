// Random well-formed modules, to try passes on.
#pragma once
#include <cstdint>
#include <string>

namespace ph::proof {

/// A module with a function @forward that the interpreter can run, as text: a stack of random blocks around a residual
/// stream, with weights in random formats, layers in an xf.repeat or spelled out, a cache or none. The same for the
/// same seed.
std::string makeRandomModule(uint64_t seed);

/// Names of the families of ops that blocks are made of.
std::string listRandomFamilies();

} // namespace ph::proof
