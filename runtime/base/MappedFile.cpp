#include "runtime/base/MappedFile.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ph {

MappedFile::MappedFile(MappedFile &&other) noexcept
    : base(std::exchange(other.base, nullptr)), length(std::exchange(other.length, 0)) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(base, other.base);
  std::swap(length, other.length);
  return *this;
}

MappedFile::~MappedFile() {
  if (base)
    munmap(const_cast<uint8_t *>(base), length);
}

Expected<MappedFile> MappedFile::open(const std::string &path) {
  auto failed = [&](const char *why) { return Error{ErrorCode::Failed, path + ": cannot read: " + why}; };
  // O_NONBLOCK: a named pipe must be refused, not waited for.
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return failed(std::strerror(errno));
  struct stat info;
  if (fstat(fd, &info) != 0) {
    int reason = errno;
    close(fd);
    return failed(std::strerror(reason));
  }
  if (!S_ISREG(info.st_mode)) {
    close(fd);
    return failed(S_ISDIR(info.st_mode) ? "it is a folder" : "it is not a regular file");
  }
  MappedFile file;
  if (info.st_size > 0) {
    void *mapping = mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    int reason = errno;
    if (mapping == MAP_FAILED) {
      close(fd);
      return failed(std::strerror(reason));
    }
    file.base = static_cast<const uint8_t *>(mapping);
    file.length = size_t(info.st_size);
  }
  close(fd);
  return file;
}

void MappedFile::release(std::span<const uint8_t> bytes) {
  static const uintptr_t page = uintptr_t(sysconf(_SC_PAGESIZE));
  // Only pages that lie wholly inside: a neighbour may still be reading the ones at the edges.
  uintptr_t first = (reinterpret_cast<uintptr_t>(bytes.data()) + page - 1) & ~(page - 1);
  uintptr_t last = (reinterpret_cast<uintptr_t>(bytes.data()) + bytes.size()) & ~(page - 1);
  if (first < last)
    madvise(reinterpret_cast<void *>(first), last - first, MADV_DONTNEED);
}

} // namespace ph
