#include "runtime/base/AtomicFolder.h"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ph {

namespace fs = std::filesystem;

static Error failure(const std::string &path, const char *doing, int reason) {
  const bool disk = reason == ENOSPC || reason == EDQUOT || reason == EIO || reason == EROFS;
  return {disk ? ErrorCode::Disk : ErrorCode::Failed, path + ": cannot " + doing + ": " + std::strerror(reason) +
                                                          (disk ? "; free some space or write elsewhere" : "")};
}

/// A name beside `path` that nothing has yet.
static std::string temporaryBeside(const std::string &path) {
  static std::atomic<unsigned> counter = 0;
  return path + ".tmp." + std::to_string(getpid()) + "." + std::to_string(counter++);
}

bool AtomicFolder::isTemporary(const std::string &name) {
  const size_t at = name.rfind(".tmp.");
  const std::string numbers = at == std::string::npos ? "" : name.substr(at + 5);
  return numbers.find_first_not_of("0123456789.") == std::string::npos &&
         std::count(numbers.begin(), numbers.end(), '.') == 1 && numbers.front() != '.' && numbers.back() != '.';
}

Status syncFolder(const std::string &path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return failure(path, "open the folder", errno);
  const bool failed = fsync(descriptor) != 0 && errno != EINVAL;
  const int reason = errno;
  close(descriptor);
  return failed ? Status(failure(path, "flush the folder to the disk", reason)) : Status();
}

/// The folder that has `path`.
static std::string parentOf(const std::string &path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

Expected<AtomicFolder> AtomicFolder::create(const std::string &path) {
  AtomicFolder folder;
  folder.target = path;
  // 16 tries: names of an earlier process with this number that was killed.
  for (int attempt = 0; attempt < 16; ++attempt) {
    std::string name = temporaryBeside(path);
    if (mkdir(name.c_str(), 0777) == 0) {
      folder.temporary = std::move(name);
      return folder;
    }
    if (errno != EEXIST)
      break;
  }
  return failure(path, "make a folder beside it", errno);
}

AtomicFolder::AtomicFolder(AtomicFolder &&other) noexcept
    : target(std::move(other.target)), temporary(std::exchange(other.temporary, {})) {}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary.empty())
    fs::remove_all(temporary, ignored);
}

Status AtomicFolder::commit() {
  if (auto e = syncFolder(temporary))
    return e;
  std::error_code ignored;
  if (fs::exists(target, ignored)) {
    // Both change places at once; the old one then goes with this object.
    if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) != 0)
      return failure(target, "exchange it for the finished folder", errno);
    return syncFolder(parentOf(target));
  }
  if (rename(temporary.c_str(), target.c_str()) != 0)
    return failure(target, "move the finished folder into place", errno);
  temporary.clear();
  return syncFolder(parentOf(target));
}

Status AtomicFolder::remove(const std::string &path) {
  const std::string aside = temporaryBeside(path);
  if (rename(path.c_str(), aside.c_str()) != 0)
    return failure(path, "move the old folder away", errno);
  std::error_code reason;
  fs::remove_all(aside, reason);
  return reason ? Status(failure(aside, "remove the old folder", reason.value())) : Status();
}

} // namespace ph
