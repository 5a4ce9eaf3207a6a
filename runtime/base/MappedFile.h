// A file mapped for reading.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <span>
#include <string>

namespace ph {

/// A read-only mapping of a whole regular file; moves, does not copy.
class MappedFile {
public:
  MappedFile() = default;
  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&other) noexcept;
  ~MappedFile();
  /// Errors: Failed, with path and the system's reason (missing, a folder, no permission).
  static Expected<MappedFile> open(const std::string &path);
  std::span<const uint8_t> bytes() const { return {base, length}; }
  /// Tells the kernel that these pages won't be read again soon, so that they leave the resident set.
  static void release(std::span<const uint8_t> bytes);

private:
  const uint8_t *base = nullptr;
  size_t length = 0;
};

} // namespace ph
