#include "runtime/base/AtomicFile.h"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace ph {

static constexpr size_t bufferBytes = 256 << 10;

namespace {
/// Where the path of a temporary stands for signal handlers, which may read it at any time: so no heap.
struct Slot {
  enum State { Free, Claimed, Live };
  std::atomic<State> state;
  char path[PATH_MAX];
};
} // namespace
static Slot slots[16];

/// The number of the slot that holds `path` now; -1 if all are taken or the path is too long.
static int remember(const std::string &path) {
  if (path.size() >= PATH_MAX)
    return -1;
  for (size_t i = 0; i < std::size(slots); ++i) {
    auto expected = Slot::Free;
    if (!slots[i].state.compare_exchange_strong(expected, Slot::Claimed))
      continue;
    std::memcpy(slots[i].path, path.c_str(), path.size() + 1);
    slots[i].state = Slot::Live;
    return int(i);
  }
  return -1;
}

void AtomicFile::removeTemporaries() noexcept {
  for (Slot &slot : slots)
    if (slot.state == Slot::Live)
      unlink(slot.path);
}

static bool isDiskFailure(int reason) {
  return reason == ENOSPC || reason == EDQUOT || reason == EIO || reason == EFBIG;
}

Error AtomicFile::failure(const char *doing, uint64_t bytes, int reason) const {
  std::string message = target + ": cannot " + doing;
  if (bytes)
    message += " " + std::to_string(bytes) + " bytes at offset " + std::to_string(written);
  message += std::string(": ") + std::strerror(reason);
  if (!isDiskFailure(reason))
    return {ErrorCode::Failed, message};
  return {ErrorCode::Disk, message + "; free some space or write elsewhere (nothing was left behind)"};
}

Expected<AtomicFile> AtomicFile::create(const std::string &path, unsigned mode) {
  AtomicFile file;
  file.target = path;
  struct stat info;
  bool exists = stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode))
    return Error{ErrorCode::Failed, path + ": cannot write: it is a folder"};
  if (exists && !S_ISREG(info.st_mode)) {
    file.descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    if (exists) // through a link, replace what it points to
      if (char *real = realpath(path.c_str(), nullptr)) {
        file.target = real;
        free(real);
      }
    static std::atomic<unsigned> counter = 0;
    // 16 tries: names of an earlier process with this number that was killed.
    for (int attempt = 0; attempt < 16 && file.descriptor < 0; ++attempt) {
      file.temporary = file.target + ".tmp." + std::to_string(getpid()) + "." + std::to_string(counter++);
      file.descriptor = ::open(file.temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode));
      if (file.descriptor < 0 && errno != EEXIST)
        break;
    }
  }
  if (file.descriptor < 0) {
    int reason = errno;
    file.temporary.clear();
    return file.failure("create it", 0, reason);
  }
  if (!file.temporary.empty())
    file.slot = remember(file.temporary);
  file.buffer.reserve(bufferBytes);
  return file;
}

AtomicFile::AtomicFile(AtomicFile &&other) noexcept { *this = std::move(other); }

AtomicFile &AtomicFile::operator=(AtomicFile &&other) noexcept {
  std::swap(target, other.target);
  std::swap(temporary, other.temporary);
  std::swap(descriptor, other.descriptor);
  std::swap(slot, other.slot);
  std::swap(written, other.written);
  std::swap(buffer, other.buffer);
  return *this;
}

AtomicFile::~AtomicFile() { abandon(); }

void AtomicFile::abandon() {
  if (descriptor >= 0)
    close(descriptor);
  descriptor = -1;
  if (!temporary.empty())
    unlink(temporary.c_str());
  temporary.clear();
  if (slot >= 0)
    slots[size_t(slot)].state = Slot::Free;
  slot = -1;
}

/// write(2) until all is out; what one call takes is bounded by the kernel (just below 2 GB).
static int writeAll(int descriptor, const uint8_t *data, uint64_t bytes) {
  while (bytes > 0) {
    ssize_t done = ::write(descriptor, data, size_t(std::min<uint64_t>(bytes, 1u << 30)));
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return done < 0 ? errno : EIO;
    data += done;
    bytes -= uint64_t(done);
  }
  return 0;
}

Status AtomicFile::flush() {
  int reason = writeAll(descriptor, buffer.data(), buffer.size());
  if (reason) {
    written -= buffer.size();
    Error error = failure("write", buffer.size(), reason);
    abandon();
    return error;
  }
  buffer.clear();
  return {};
}

Status AtomicFile::write(const void *data, uint64_t bytes) {
  if (descriptor < 0)
    return Error{ErrorCode::Failed, target + ": cannot write: an earlier write failed"};
  auto *begin = static_cast<const uint8_t *>(data);
  if (buffer.size() + bytes > bufferBytes)
    if (auto e = flush())
      return e;
  if (bytes < bufferBytes) {
    buffer.insert(buffer.end(), begin, begin + bytes);
  } else if (int reason = writeAll(descriptor, begin, bytes)) {
    Error error = failure("write", bytes, reason);
    abandon();
    return error;
  }
  written += bytes;
  return {};
}

Status AtomicFile::pad(uint64_t alignment) {
  static constexpr uint8_t zeros[4096] = {};
  for (uint64_t rest = (alignment - written % alignment) % alignment; rest > 0;) {
    uint64_t bytes = std::min<uint64_t>(rest, sizeof(zeros));
    if (auto e = write(zeros, bytes))
      return e;
    rest -= bytes;
  }
  return {};
}

Status AtomicFile::commit() {
  if (descriptor < 0)
    return Error{ErrorCode::Failed, target + ": cannot write: an earlier write failed"};
  if (auto e = flush())
    return e;
  auto fail = [&](const char *doing) {
    Error error = failure(doing, 0, errno);
    abandon();
    return error;
  };
  // Pipes and terminals have nothing to sync.
  if (fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS)
    return fail("flush it to the disk");
  int open = descriptor;
  descriptor = -1;
  if (close(open) != 0)
    return fail("close it");
  if (temporary.empty())
    return {};
  if (rename(temporary.c_str(), target.c_str()) != 0)
    return fail("move the finished file into place");
  temporary.clear();
  abandon();
  return {};
}

} // namespace ph
