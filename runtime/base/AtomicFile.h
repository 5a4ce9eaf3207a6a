// A file that appears whole or not at all.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ph {

/// Streams into a temporary beside `path`; commit() moves it there. Without commit, or after a failure, nothing is
/// left. A path that names something other than a regular file (a pipe, /dev/stdout) is written straight. Errors: Disk
/// when the medium is full, over its quota or failing; Failed otherwise. They name path, offset and bytes.
class AtomicFile {
public:
  /// `mode` as in open(2), before the umask.
  static Expected<AtomicFile> create(const std::string &path, unsigned mode = 0666);
  AtomicFile(AtomicFile &&other) noexcept;
  AtomicFile &operator=(AtomicFile &&other) noexcept;
  ~AtomicFile();

  Status write(const void *data, uint64_t bytes);
  Status write(std::span<const uint8_t> bytes) { return write(bytes.data(), bytes.size()); }
  /// Zero bytes up to the next multiple of `alignment`.
  Status pad(uint64_t alignment);
  /// Bytes written so far.
  uint64_t size() const { return written; }
  const std::string &path() const { return target; }
  /// Flushes to the medium and moves the file to its path, over an older one.
  Status commit();

  /// Removes the temporaries of all files that are open; for signal handlers (async-signal-safe).
  static void removeTemporaries() noexcept;

private:
  AtomicFile() = default;
  Error failure(const char *doing, uint64_t bytes, int reason) const;
  Status flush();
  void abandon();

  std::string target, temporary; ///< temporary is empty if the target is written straight
  int descriptor = -1;
  int slot = -1; ///< in the table that removeTemporaries reads
  uint64_t written = 0;
  std::vector<uint8_t> buffer;
};

} // namespace ph
