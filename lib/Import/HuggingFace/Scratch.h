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
  /// Room for that many bytes, at the beginning of a page, until this dies. Errors: Disk.
  Expected<std::span<uint8_t>> allocate(size_t size);

private:
  std::vector<std::span<uint8_t>> mappings;
};

} // namespace ph
