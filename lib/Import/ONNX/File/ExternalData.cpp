#include "ExternalData.h"
#include "runtime/base/Quote.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ph::onnx_import {
namespace {

/// Closes what was opened.
struct Descriptor {
  explicit Descriptor(int number) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  ~Descriptor() {
    if (number >= 0)
      ::close(number);
  }
  const int number;
};

} // namespace

ExternalData::ExternalData(const std::string &modelPath) {
  size_t slash = modelPath.rfind('/');
  folder = slash == std::string::npos ? "." : slash == 0 ? "/" : modelPath.substr(0, slash);
}

Expected<const MappedFile *> ExternalData::open(const std::string &location) {
  if (auto found = files.find(location); found != files.end())
    return &found->second;
  auto refuse = [&](const std::string &why) {
    return Error{ErrorCode::BadModel, "external data in " + quoteText(location) + ": " + why};
  };
  if (location.empty() || location.find('\0') != std::string::npos)
    return refuse("expects the name of a file in the model's folder");
  Descriptor base(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (base.number < 0)
    return Error{ErrorCode::Failed, folder + ": " + std::strerror(errno)};
  // The kernel resolves the name, so that nothing is exchanged between a check and the opening.
  struct open_how how = {};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  Descriptor file(static_cast<int>(::syscall(SYS_openat2, base.number, location.c_str(), &how, sizeof(how))));
  if (file.number < 0) {
    if (errno == EXDEV)
      return refuse("it leads out of the model's folder");
    if (errno == ELOOP)
      return refuse("it is a symbolic link, or leads through one");
    return refuse(std::strerror(errno));
  }
  struct stat about = {};
  if (::fstat(file.number, &about))
    return refuse(std::strerror(errno));
  if (!S_ISREG(about.st_mode))
    return refuse("it is no regular file");
  if (about.st_nlink != 1)
    return refuse("it is a hard link to a file that has other names too");
  // What is open is mapped, whatever the name stands for by now.
  auto mapped = MappedFile::open("/proc/self/fd/" + std::to_string(file.number));
  if (!mapped)
    return refuse("can't be mapped: " + mapped.error().message);
  return &files.emplace(location, std::move(*mapped)).first->second;
}

Expected<std::span<const uint8_t>> ExternalData::read(const std::string &location, uint64_t offset, uint64_t length) {
  auto file = open(location);
  if (!file)
    return file.error();
  std::span<const uint8_t> bytes = (*file)->bytes();
  if (offset > bytes.size() || length > bytes.size() - offset)
    return Error{ErrorCode::BadModel, "external data in " + quoteText(location) + ": expects " +
                                          std::to_string(length) + " bytes from " + std::to_string(offset) +
                                          ", but the file has " + std::to_string(bytes.size())};
  return bytes.subspan(offset, length);
}

} // namespace ph::onnx_import
