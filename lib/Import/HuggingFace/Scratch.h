// Memory for decoded weights that the kernel may write to disk: a mapping of a file without a name.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <span>
#include <vector>

namespace ph {

class Scratch {
public:
  Scratch() = default;
  Scratch(const Scratch &) = delete;
  ~Scratch();
  /// Room for that many floats, until this dies. Errors: Disk.
  Expected<std::span<float>> allocate(size_t count);

private:
  std::vector<std::span<uint8_t>> mappings;
};

} // namespace ph
