#include "runtime/devices/cpu/Weights.h"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace ph {
namespace {

constexpr uint64_t kPiece = uint64_t(4) << 20;

/// 0, or errno; ENODATA if the file ends early.
int readFully(int fd, uint8_t *to, uint64_t bytes, uint64_t offset) {
  while (bytes != 0) {
    ssize_t n = pread(fd, to, bytes, off_t(offset));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n == 0 ? ENODATA : errno;
    to += n;
    offset += uint64_t(n);
    bytes -= uint64_t(n);
  }
  return 0;
}

/// Pieces are claimed one by one, so a thread that a slow disk holds up doesn't hold up the others.
int readByTeam(int fd, uint64_t offset, Region &to, Team &team, const std::function<void(uint64_t)> &progress) {
  std::atomic<uint64_t> next{0}, done{0};
  std::atomic<int> failure{0};
  team.run([&](int thread) {
    for (uint64_t at; failure == 0 && (at = next.fetch_add(kPiece)) < to.size();) {
      uint64_t bytes = std::min<uint64_t>(kPiece, to.size() - at);
      if (int error = readFully(fd, to.data() + at, bytes, offset + at))
        failure = error;
      uint64_t sum = done += bytes;
      if (thread == 0 && progress)
        progress(sum);
    }
  });
  return failure;
}

} // namespace

Expected<Weights> Weights::load(const std::string &path, uint64_t offset, uint64_t bytes, WeightsMode mode, Team &team,
                                const std::function<void(uint64_t)> &progress) {
  struct Descriptor {
    int fd;
    ~Descriptor() {
      if (fd >= 0)
        close(fd);
    }
  } file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0)
    return Error{ErrorCode::Failed, path + ": could not open it: " + std::strerror(errno)};

  Weights weights;
  // Kernels rely on the alignment, and a mapping has only the file's.
  if (mode == WeightsMode::Map && offset % 64 == 0) {
    auto region = Region::mapFile(file.fd, offset, bytes, path);
    if (!region)
      return region.error();
    weights.region = std::move(*region);
    weights.isMapped = true;
    return weights;
  }
  auto region = Region::allocate(bytes, Region::Pages::Huge, "the weights");
  if (!region)
    return region.error();
  weights.region = std::move(*region);
  if (int error = readByTeam(file.fd, offset, weights.region, team, progress)) {
    if (error == ENODATA)
      return Error{ErrorCode::BadModel, path + ": ends within its weights; copy or compile it again"};
    return Error{ErrorCode::Failed, path + ": could not read its weights: " + std::strerror(error)};
  }
  return weights;
}

Expected<uint8_t *> Weights::writable(uint64_t offset, uint64_t bytes) {
  if (isMapped)
    if (auto e = region.makeWritable(offset, bytes))
      return e.error();
  return region.data() + offset;
}

} // namespace ph
