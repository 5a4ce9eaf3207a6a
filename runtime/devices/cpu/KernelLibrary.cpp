#include "runtime/devices/cpu/KernelLibrary.h"
#include "runtime/devices/cpu/CpuFeatures.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ph {
namespace {

/// A descriptor, closed with the object.
struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0)
      close(fd);
  }
};

Error failed(const std::string &path, const char *what) {
  return {ErrorCode::Failed, path + ": could not " + what + ": " + std::strerror(errno)};
}

/// Copies `bytes` of `from` at `offset` into a file that only this process sees.
Status copyToMemory(int from, uint64_t offset, uint64_t bytes, int to, const std::string &path) {
  auto at = off_t(offset);
  for (uint64_t left = bytes; left != 0;) {
    ssize_t n = sendfile(to, from, &at, left);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return failed(path, "copy its kernels into memory");
    if (n == 0)
      return Error{ErrorCode::BadModel, path + ": ends within its kernels, " + std::to_string(left) +
                                            " bytes short; copy or compile it again"};
    left -= uint64_t(n);
  }
  return {};
}

} // namespace

KernelLibrary &KernelLibrary::operator=(KernelLibrary &&other) noexcept {
  std::swap(handle, other.handle);
  std::swap(function, other.function);
  std::swap(levelName, other.levelName);
  return *this;
}

KernelLibrary::~KernelLibrary() {
  if (handle)
    dlclose(handle);
}

Expected<KernelLibrary> KernelLibrary::load(const std::string &path, uint64_t offset, uint64_t elfBytes,
                                            std::span<const KernelLevel> levels) {
  std::vector<std::string> names;
  for (const KernelLevel &level : levels)
    names.push_back(level.name);
  std::string why;
  const int best = pickCpuLevel(names, why);
  if (best < 0)
    return Error{ErrorCode::BadModel, path + ": has no kernels that this CPU (" + cpuName() + ") can run: " + why +
                                          "; compile it for this machine (phc --target=native)"};

  std::string file;
  Descriptor memory;
  if (offset == 0) {
    // A name without a slash would be searched for in library folders.
    file = path.find('/') == std::string::npos ? "./" + path : path;
  } else {
    Descriptor source{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (source.fd < 0)
      return failed(path, "open it");
    memory.fd = memfd_create("powerhouse-kernels", MFD_CLOEXEC);
    if (memory.fd < 0)
      return failed(path, "make a file in memory for its kernels");
    if (auto e = copyToMemory(source.fd, offset, elfBytes, memory.fd, path))
      return e.error();
    file = "/proc/self/fd/" + std::to_string(memory.fd);
  }

  KernelLibrary library;
  library.handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library.handle)
    return Error{ErrorCode::BadModel, path + ": its kernels can't be loaded: " + dlerror() + "; compile it again"};
  const KernelLevel &level = levels[best];
  library.levelName = level.name;
  if (level.symbol.empty())
    return library;
  library.function = reinterpret_cast<StepFn>(dlsym(library.handle, level.symbol.c_str()));
  if (!library.function)
    return Error{ErrorCode::BadModel, path + ": lacks the function '" + level.symbol +
                                          "' that its manifest names for " + level.name + "; compile it again"};
  return library;
}

void *KernelLibrary::find(const std::string &symbol) const {
  std::string name = symbol + "_" + levelName;
  std::replace(name.begin(), name.end(), '-', '_');
  return handle ? dlsym(handle, name.c_str()) : nullptr;
}

} // namespace ph
