#include "Scratch.h"
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace ph {

Scratch::~Scratch() {
  for (std::span<uint8_t> mapping : mappings)
    munmap(mapping.data(), mapping.size());
}

Expected<std::span<uint8_t>> Scratch::allocate(size_t size) {
  if (size == 0)
    return std::span<uint8_t>();
  const char *folder = std::getenv("TMPDIR");
  std::string path = std::string(folder && *folder ? folder : "/tmp") + "/powerhouse-XXXXXX";
  auto failed = [&] {
    return Error{ErrorCode::Disk, path + ": no room for " + std::to_string(size) + " bytes of decoded weights: " +
                                      std::strerror(errno) + "; TMPDIR says which folder is used"};
  };
  int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0)
    return failed();
  unlink(path.c_str());
  // What is written later must not fail: reserve it now.
  int reserved = posix_fallocate(file, 0, off_t(size));
  void *memory = reserved ? MAP_FAILED : mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (reserved)
    errno = reserved;
  Error error = failed();
  close(file);
  if (memory == MAP_FAILED)
    return error;
  mappings.push_back({static_cast<uint8_t *>(memory), size});
  return mappings.back();
}

} // namespace ph
