// The linker, as a program beside LLVM's own tools. What goes in and out is in memory: no disk can be full, and an
// interrupted compile leaves nothing.
#include "powerhouse/Target/X86.h"

#include "llvm/Support/Program.h"
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ph::target {
namespace {

/// An anonymous file in memory that a child process inherits and opens by path().
class MemoryFile {
public:
  explicit MemoryFile(const char *name) : descriptor(memfd_create(name, 0)) {}
  MemoryFile(MemoryFile &&other) noexcept : descriptor(std::exchange(other.descriptor, -1)) {}
  ~MemoryFile() {
    if (descriptor >= 0)
      close(descriptor);
  }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }
  bool isOpen() const { return descriptor >= 0; }

  bool write(llvm::StringRef bytes) {
    while (!bytes.empty()) {
      ssize_t done = ::write(descriptor, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR)
        continue;
      if (done <= 0)
        return false;
      bytes = bytes.drop_front(size_t(done));
    }
    return true;
  }

  bool read(std::string &bytes) const {
    struct stat info;
    if (fstat(descriptor, &info))
      return false;
    bytes.resize(size_t(info.st_size));
    for (size_t at = 0; at < bytes.size();) {
      ssize_t done = pread(descriptor, bytes.data() + at, bytes.size() - at, off_t(at));
      if (done < 0 && errno == EINTR)
        continue;
      if (done <= 0)
        return false;
      at += size_t(done);
    }
    return true;
  }

private:
  int descriptor;
};

Error noMemory(const char *what) {
  int reason = errno;
  auto code = reason == EFBIG || reason == ENOSPC ? ErrorCode::Disk : ErrorCode::Failed;
  return {code, std::string("can't hold ") + what + " in memory for the linker: " + std::strerror(reason)};
}

/// One line of the linker's messages.
std::string joinLines(llvm::StringRef log) {
  std::string result;
  for (llvm::StringRef line : llvm::split(log.trim(), '\n'))
    if (!line.trim().empty())
      result += (result.empty() ? "" : "; ") + line.trim().str();
  return result;
}

} // namespace

Expected<std::string> linkSharedObject(llvm::ArrayRef<llvm::StringRef> objects) {
  std::string linker;
  // lld takes "-" for standard output and makes a temporary beside any other name; GNU ld just opens it.
  const char *output = "-";
  for (const char *name : {"ld.lld-22", "ld.lld", "ld"}) {
    auto found = llvm::sys::findProgramByName(name, {PH_LLVM_TOOLS_DIR});
    if (!found)
      found = llvm::sys::findProgramByName(name);
    if (found) {
      linker = *found;
      if (llvm::StringRef(name) == "ld")
        output = "/dev/stdout";
      break;
    }
  }
  if (linker.empty())
    return Error{ErrorCode::Failed, "no linker found: install Debian's lld-22 (ld.lld) or binutils (ld)"};

  std::vector<MemoryFile> inputs;
  std::vector<std::string> paths;
  for (llvm::StringRef object : objects) {
    MemoryFile &file = inputs.emplace_back("powerhouse-object");
    if (!file.isOpen() || !file.write(object))
      return noMemory("the kernels' machine code");
    paths.push_back(file.path());
  }
  MemoryFile shared("powerhouse-shared-object"), log("powerhouse-link-log");
  if (!shared.isOpen() || !log.isOpen())
    return noMemory("the shared object");

  std::vector<llvm::StringRef> args = {linker, "-shared", "--build-id=none", "-z", "noexecstack", "-o", output};
  args.insert(args.end(), paths.begin(), paths.end());
  std::string sharedPath = shared.path(), logPath = log.path(), message;
  int status = llvm::sys::ExecuteAndWait(linker, args, std::nullopt, {"", sharedPath, logPath}, 0, 0, &message);
  std::string bytes, said;
  if (status != 0) {
    if (log.read(said) && !joinLines(said).empty())
      message += (message.empty() ? "" : ": ") + joinLines(said);
    if (message.empty())
      message = "it ended with exit code " + std::to_string(status) + " and gave no reason";
    return Error{ErrorCode::Failed, linker + " failed: " + message};
  }
  if (!shared.read(bytes))
    return noMemory("the shared object");
  if (!llvm::StringRef(bytes).starts_with("\177ELF"))
    return Error{ErrorCode::Failed, linker + " made no shared object; install Debian's lld-22"};
  return bytes;
}

} // namespace ph::target
