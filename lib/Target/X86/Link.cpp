// The linker, as a program beside LLVM's own tools.
#include "powerhouse/Target/X86.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

namespace ph::target {

Status linkSharedObject(const std::vector<std::string> &objectPaths, const std::string &output) {
  std::string linker;
  for (const char *name : {"ld.lld-22", "ld.lld", "ld"}) {
    auto found = llvm::sys::findProgramByName(name, {PH_LLVM_TOOLS_DIR});
    if (!found)
      found = llvm::sys::findProgramByName(name);
    if (found) {
      linker = *found;
      break;
    }
  }
  if (linker.empty())
    return Error{ErrorCode::Failed, "no linker found: install Debian's lld-22 (ld.lld) or binutils (ld)"};
  std::vector<llvm::StringRef> args = {linker, "-shared", "--build-id=none", "-z", "noexecstack", "-o", output};
  for (const std::string &path : objectPaths)
    args.push_back(path);
  llvm::SmallString<128> log;
  if (llvm::sys::fs::createTemporaryFile("powerhouse-link", "log", log))
    return Error{ErrorCode::Disk, "can't create a temporary file for the linker's messages"};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(linker, args, std::nullopt, {"", log.str(), log.str()}, 0, 0, &message);
  if (status != 0) {
    if (auto text = llvm::MemoryBuffer::getFile(log))
      message += (*text)->getBuffer().str();
    llvm::sys::fs::remove(log);
    return Error{ErrorCode::Failed, linker + " failed: " + message};
  }
  llvm::sys::fs::remove(log);
  return {};
}

} // namespace ph::target
