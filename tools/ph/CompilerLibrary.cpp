#include "tools/ph/CompilerLibrary.h"
#include "runtime/base/Interrupt.h"
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ph::tool {

namespace fs = std::filesystem;

Expected<std::string> CompilerLibrary::locate() {
  constexpr const char *kName = "libPowerhouseCompiler.so";
  std::error_code failure;
  const fs::path folder = fs::read_symlink("/proc/self/exe", failure).parent_path();
  fs::path file = folder.parent_path() / "lib" / kName;
  if (!fs::exists(file, failure))
    file = folder / kName;
  if (!fs::exists(file, failure))
    return Error{ErrorCode::Failed, "this command compiles a model, but the compiler (" + std::string(kName) +
                                        ") is neither in " + (folder.parent_path() / "lib").string() + " nor in " +
                                        folder.string() + "; give it a compiled artifact (.phx) instead"};
  return file.string();
}

Expected<CompilerLibrary> CompilerLibrary::load() {
  auto file = locate();
  if (!file)
    return file.error();
  void *handle = dlopen(file->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return Error{ErrorCode::Failed, "could not load the compiler: " + std::string(dlerror())};
  CompilerLibrary library;
  library.file = *file;
  auto find = [&](auto &function, const char *name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    return function != nullptr;
  };
  decltype(&ph_compiler_abi_version) abi = nullptr;
  if (!find(abi, "ph_compiler_abi_version") || !find(library.compileFunction, "ph_compile") ||
      !find(library.explainFunction, "ph_explain_architecture") ||
      !find(library.explainGraphFunction, "ph_explain_graph") || !find(library.freeFunction, "ph_compile_free") ||
      !find(library.versionFunction, "ph_compiler_version") || abi() != PH_COMPILER_ABI_VERSION)
    return Error{ErrorCode::Failed, *file + ": is a compiler of another version than this program; install both "
                                            "from one build"};
  return library;
}

Status CompilerLibrary::compile(const std::string &source, const std::string &output,
                                const CompileWishes &wishes) const {
  ph_compile_options options = {};
  options.size = sizeof options;
  options.source = source.c_str();
  options.output = output.c_str();
  const auto set = [](const char *&field, const std::string &wish) { field = wish.empty() ? nullptr : wish.c_str(); };
  set(options.activations, wishes.activations);
  set(options.form, wishes.form);
  set(options.training, wishes.training);
  char *message = nullptr;
  const int code = compileFunction(&options, &message);
  std::string text = message ? message : "";
  freeFunction(message);
  if (code == 0)
    return {};
  if (text.empty())
    text = "the compiler failed on " + source + " without saying why";
  return Error{ErrorCode(code), text};
}

Expected<std::string> CompilerLibrary::explain(const std::string &nameOrFile) const {
  return explainBy(explainFunction, nameOrFile);
}

Expected<std::string> CompilerLibrary::explainGraph(const std::string &path) const {
  return explainBy(explainGraphFunction, path);
}

Expected<std::string> CompilerLibrary::explainBy(decltype(&ph_explain_architecture) function,
                                                 const std::string &what) const {
  char *text = nullptr;
  const int code = function(what.c_str(), &text);
  std::string said = text ? text : "";
  freeFunction(text);
  return code ? Expected<std::string>(Error{ErrorCode(code), said}) : said;
}

/// What the child does: the exit code, with the message written to `to`.
static int compileAndTell(const std::string &source, const std::string &output, const CompileWishes &wishes, int to) {
  auto library = CompilerLibrary::load();
  Status status = library ? library->compile(source, output, wishes) : Status(library.error());
  if (!status)
    return 0;
  const std::string &message = status.error().message;
  for (size_t at = 0; at < message.size();) {
    const ssize_t n = write(to, message.data() + at, message.size() - at);
    if (n <= 0 && errno != EINTR)
      break;
    at += size_t(std::max<ssize_t>(n, 0));
  }
  return int(status.error().code);
}

Status CompilerLibrary::compileApart(const std::string &source, const std::string &output,
                                     const CompileWishes &wishes) {
  auto failed = [](const char *what) {
    return Error{ErrorCode::Failed, std::string("could not ") + what + " for the compiler: " + std::strerror(errno)};
  };
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return failed("make a pipe");
  // A Ctrl-C is the child's too; this process waits until it has removed what is unfinished.
  handleInterrupts(OnInterrupt::Flag);
  const pid_t parent = getpid(), child = fork();
  if (child == 0) {
    handleInterrupts(OnInterrupt::Exit);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
      _exit(1);
    close(ends[0]);
    _exit(compileAndTell(source, output, wishes, ends[1]));
  }
  close(ends[1]);
  std::string message;
  int status = 0;
  const bool forked = child > 0;
  const Error cannotFork = failed("make a process");
  while (forked) {
    char part[512];
    const ssize_t n = read(ends[0], part, sizeof part);
    if (n > 0)
      message.append(part, size_t(n));
    else if (n < 0 && errno == EINTR)
      kill(child, SIGTERM);
    else
      break;
  }
  while (forked && waitpid(child, &status, 0) < 0 && errno == EINTR)
    kill(child, SIGTERM);
  close(ends[0]);
  const bool stopped = interrupted();
  handleInterrupts(OnInterrupt::Exit);
  if (!forked)
    return cannotFork;
  if (stopped)
    return Error{ErrorCode::Interrupted, ""};
  if (WIFSIGNALED(status))
    return Error{ErrorCode::Failed, source + ": the compiler was ended by signal " + std::to_string(WTERMSIG(status)) +
                                        " (" + strsignal(WTERMSIG(status)) + ")"};
  if (const int code = WEXITSTATUS(status))
    return Error{ErrorCode(code), message};
  return {};
}

} // namespace ph::tool
