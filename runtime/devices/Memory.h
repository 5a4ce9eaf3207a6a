// Memory that is planned: whole regions from the system, and how much of it there is to plan with.
#pragma once
#include "runtime/base/Error.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ph {

/// A range of pages of its own, zero until written; unmapped with the object. Pages are taken from the system when
/// first touched.
class Region {
public:
  enum class Pages { Small, Huge };

  Region() = default;
  Region(Region &&other) noexcept { *this = std::move(other); }
  Region &operator=(Region &&other) noexcept;
  ~Region() { reset(); }

  /// Anonymous memory of `bytes` (may be 0), for `purpose` (a noun, for the error). Huge pages are asked for, not
  /// demanded. Errors: WontFit.
  static Expected<Region> allocate(size_t bytes, Pages pages, std::string_view purpose);
  /// Memory that the system may write to the disk and take back: `bytes` of a file without a name in `folder`, which
  /// goes with the object or the process. Its space is reserved. Errors: WontFit, Disk, Failed.
  static Expected<Region> allocatePaged(size_t bytes, const std::string &folder, std::string_view purpose);
  /// `bytes` of file `fd` from `offset`, read only, shared with the page cache. Errors: Failed.
  static Expected<Region> mapFile(int fd, uint64_t offset, size_t bytes, std::string_view path);
  /// Lets a part of what is mapped be changed, in memory of our own; the file stays as it is. Errors: WontFit.
  Status makeWritable(size_t offset, size_t bytes);

  uint8_t *data() { return begin; }
  const uint8_t *data() const { return begin; }
  size_t size() const { return length; }
  /// Gives all pages back; they read as zero again.
  void discard();

private:
  void reset();
  uint8_t *begin = nullptr;
  size_t length = 0;
  void *mapping = nullptr;
  size_t mappingLength = 0;
};

/// What this process could still take without swapping, and who says so ("MemAvailable", "the cgroup /foo", …).
struct AvailableMemory {
  uint64_t bytes = UINT64_MAX;
  std::string limit;
  uint64_t addressSpace = UINT64_MAX; ///< that may still be reserved (RLIMIT_AS), mapped files included
};

/// The least of MemAvailable, the room left in every cgroup (v1 or v2) above this process (its reclaimable file pages
/// count as room); and RLIMIT_AS beside it. `root` stands for "/" in tests.
AvailableMemory availableMemory(const std::string &root = "");

/// Resident set of this process now and at its peak, bytes (VmRSS and VmHWM); 0 where /proc is missing.
uint64_t residentBytes();
uint64_t peakResidentBytes();

/// "98.4 MB": decimal units, three digits.
std::string formatBytes(uint64_t bytes);

} // namespace ph
