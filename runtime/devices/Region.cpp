#include "runtime/devices/Memory.h"
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace ph {
namespace {
constexpr size_t kHugePage = size_t(2) << 20;
} // namespace

Region &Region::operator=(Region &&other) noexcept {
  if (this == &other)
    return *this;
  reset();
  begin = std::exchange(other.begin, nullptr);
  length = std::exchange(other.length, 0);
  mapping = std::exchange(other.mapping, nullptr);
  mappingLength = std::exchange(other.mappingLength, 0);
  return *this;
}

void Region::reset() {
  if (mapping)
    munmap(mapping, mappingLength);
  mapping = nullptr;
  begin = nullptr;
  length = mappingLength = 0;
}

Expected<Region> Region::allocate(size_t bytes, Pages pages, std::string_view purpose) {
  Region region;
  if (bytes == 0)
    return region;
  // A huge page must begin at a multiple of its size, which mmap does not promise.
  const bool huge = pages == Pages::Huge && bytes >= kHugePage;
  const size_t total = huge && bytes < SIZE_MAX - kHugePage ? bytes + kHugePage : bytes;
  void *at = mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED)
    return Error{ErrorCode::WontFit, "could not reserve " + formatBytes(bytes) + " for " + std::string(purpose) + ": " +
                                         std::strerror(errno) + "; choose a smaller context (-c) or free memory"};
  region.mapping = at;
  region.mappingLength = total;
  region.begin = static_cast<uint8_t *>(at);
  region.length = bytes;
  if (huge) {
    auto address = reinterpret_cast<uintptr_t>(at);
    region.begin += (kHugePage - address % kHugePage) % kHugePage;
    madvise(region.begin, bytes, MADV_HUGEPAGE); // only a wish: without it the program is slower, not wrong
  }
  return region;
}

/// A file that no folder names (any more).
static int openNameless(const std::string &folder) {
  const int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  // A file system that has no such files.
  std::string path = folder + "/.states-XXXXXX";
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0)
    unlink(path.c_str());
  return named;
}

Expected<Region> Region::allocatePaged(size_t bytes, const std::string &folder, std::string_view purpose) {
  Region region;
  if (bytes == 0)
    return region;
  const int fd = openNameless(folder);
  if (fd < 0)
    return Error{ErrorCode::Failed,
                 folder + ": could not make a file for " + std::string(purpose) + ": " + std::strerror(errno)};
  // Without it a full disk would end the process at some write.
  if (const int failure = posix_fallocate(fd, 0, off_t(bytes))) {
    close(fd);
    return Error{ErrorCode::Disk, folder + ": could not reserve " + formatBytes(bytes) + " for " +
                                      std::string(purpose) + ": " + std::strerror(failure)};
  }
  void *at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  const int failure = errno;
  close(fd); // the mapping keeps it
  if (at == MAP_FAILED)
    return Error{ErrorCode::WontFit, "could not reserve " + formatBytes(bytes) + " for " + std::string(purpose) + ": " +
                                         std::strerror(failure)};
  region.mapping = at;
  region.mappingLength = region.length = bytes;
  region.begin = static_cast<uint8_t *>(at);
  return region;
}

Expected<Region> Region::mapFile(int fd, uint64_t offset, size_t bytes, std::string_view path) {
  Region region;
  if (bytes == 0)
    return region;
  const uint64_t page = sysconf(_SC_PAGESIZE), lead = offset % page;
  void *at = mmap(nullptr, bytes + lead, PROT_READ, MAP_PRIVATE, fd, off_t(offset - lead));
  if (at == MAP_FAILED)
    return Error{ErrorCode::Failed, "could not map " + formatBytes(bytes) + " of " + std::string(path) + " at offset " +
                                        std::to_string(offset) + ": " + std::strerror(errno)};
  madvise(at, bytes + lead, MADV_WILLNEED);
  region.mapping = at;
  region.mappingLength = bytes + lead;
  region.begin = static_cast<uint8_t *>(at) + lead;
  region.length = bytes;
  return region;
}

Status Region::makeWritable(size_t offset, size_t bytes) {
  const uintptr_t page = uintptr_t(sysconf(_SC_PAGESIZE)), from = uintptr_t(begin + offset) / page * page;
  if (bytes == 0 ||
      mprotect(reinterpret_cast<void *>(from), uintptr_t(begin + offset) + bytes - from, PROT_READ | PROT_WRITE) == 0)
    return {};
  return Error{ErrorCode::WontFit, "could not get " + formatBytes(bytes) +
                                       " of memory to change what a file has there: " + std::strerror(errno)};
}

void Region::discard() {
  if (begin)
    madvise(begin, length, MADV_DONTNEED);
}

} // namespace ph
