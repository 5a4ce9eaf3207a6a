#include "tools/ph/CompilerLibrary.h"
#include "runtime/base/Interrupt.h"
#include <dlfcn.h>
#include <filesystem>

namespace ph::tool {

namespace fs = std::filesystem;

Expected<CompilerLibrary> CompilerLibrary::load() {
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
  void *handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return Error{ErrorCode::Failed, "could not load the compiler: " + std::string(dlerror())};
  CompilerLibrary library;
  library.file = file;
  auto find = [&](auto &function, const char *name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    return function != nullptr;
  };
  decltype(&ph_compiler_abi_version) abi = nullptr;
  if (!find(abi, "ph_compiler_abi_version") || !find(library.compileFunction, "ph_compile") ||
      !find(library.freeFunction, "ph_compile_free") || !find(library.versionFunction, "ph_compiler_version") ||
      abi() != PH_COMPILER_ABI_VERSION)
    return Error{ErrorCode::Failed, file.string() +
                                        ": is a compiler of another version than this program; install both "
                                        "from one build"};
  return library;
}

Status CompilerLibrary::compile(const std::string &source, const std::string &output,
                                const std::string &activations) const {
  ph_compile_options options = {};
  options.size = sizeof options;
  options.source = source.c_str();
  options.output = output.c_str();
  if (!activations.empty())
    options.activations = activations.c_str();
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

} // namespace ph::tool
