#include "Options.h"

#include "powerhouse/Target/X86.h"
#include "runtime/base/AtomicFile.h"
#include <filesystem>
#include <sstream>
#include <sys/stat.h>

namespace ph {
namespace {

/// Whether both name one regular file, by whatever links, or one that isn't there yet.
bool sameFile(const std::string &a, const std::string &b) {
  struct stat first, second;
  bool hasFirst = stat(a.c_str(), &first) == 0, hasSecond = stat(b.c_str(), &second) == 0;
  if (hasFirst && hasSecond)
    return S_ISREG(first.st_mode) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
  if (hasFirst || hasSecond)
    return false;
  std::error_code error;
  auto path = std::filesystem::weakly_canonical(a, error);
  return !error && path == std::filesystem::weakly_canonical(b, error) && !error;
}

Status checkFiles(const CompileOptions &options) {
  struct File {
    const char *what;
    const std::string &path;
  };
  const File written[] = {{"-o", options.output}, {"--report", options.report}};
  const File read[] = {{"the model", options.source}, {"--architecture", options.architecture}};
  std::error_code ignored;
  for (const File &out : written)
    for (const File &in : read) {
      // A model that is known by name may be written to a file of that name, which isn't there yet.
      if (!out.path.empty() && !in.path.empty() && std::filesystem::exists(in.path, ignored) &&
          sameFile(out.path, in.path))
        return Error{ErrorCode::Usage, std::string(out.what) + " names the same file as " + in.what + ": " + out.path +
                                           " would be overwritten"};
    }
  if (!options.report.empty() && sameFile(options.output, options.report))
    return Error{ErrorCode::Usage, "-o and --report name the same file: " + options.report};
  return {};
}

/// Tries what will be done at the end, after minutes perhaps.
Status checkWritable(const std::string &path) {
  struct stat info;
  // Opening a pipe now would take its reader from it.
  if (path.empty() || path == "-" ||
      (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
    return {};
  auto file = AtomicFile::create(path);
  return file ? Status() : Status(file.error());
}

} // namespace

bool isText(EmitKind kind) { return kind != EmitKind::Artifact && kind != EmitKind::Executable; }

Expected<std::vector<std::string>> parseLevels(const std::string &target) {
  std::vector<std::string> levels;
  std::stringstream list(target);
  for (std::string name; std::getline(list, name, ',');) {
    if (name == "native") {
      auto native = target::nativeX86Level();
      if (!native)
        return native.error();
      name = *native;
    }
    if (auto known = target::x86OptionsForLevel(name); !known)
      return known.error();
    if (!llvm::is_contained(levels, name))
      levels.push_back(name);
  }
  if (levels.empty())
    return Error{ErrorCode::Usage, "--target names no level"};
  return levels;
}

Status checkCompileOptions(const CompileOptions &options) {
  if (options.output.empty())
    return Error{ErrorCode::Usage, "no output was given: name a file with -o"};
  if (options.activations != "f32" && options.activations != "int8")
    return Error{ErrorCode::Usage, "unknown --activations '" + options.activations + "': use f32 or int8"};
  if (options.form != "auto" && options.form != "programs" && options.form != "graph")
    return Error{ErrorCode::Usage, "unknown --form '" + options.form + "': use auto, programs or graph"};
  if (!options.cacheType.empty() && options.cacheType != "f32" && options.cacheType != "f16")
    return Error{ErrorCode::Usage, "unknown --cache-type '" + options.cacheType + "': use f32 or f16"};
  if (options.output == "-" && !isText(options.emit))
    return Error{ErrorCode::Usage, "a binary can't go to standard output: name a file with -o"};
  auto levels = parseLevels(options.target);
  if (!levels)
    return levels.error();
  if (levels->size() > 1 && (options.emit == EmitKind::LLVM || options.emit == EmitKind::Assembly))
    return Error{ErrorCode::Usage, "--emit=llvm and asm show the code of one level: name one with --target"};
  if (auto status = checkFiles(options))
    return status;
  if (auto status = checkWritable(options.output))
    return status;
  return checkWritable(options.report);
}

Expected<EmitKind> parseEmitKind(const std::string &name) {
  if (name == "xf")
    return EmitKind::Transformer;
  if (name == "kernels")
    return EmitKind::Kernels;
  if (name == "llvm")
    return EmitKind::LLVM;
  if (name == "asm")
    return EmitKind::Assembly;
  if (name == "exe")
    return EmitKind::Executable;
  if (name == "phx")
    return EmitKind::Artifact;
  return Error{ErrorCode::Usage, "unknown --emit '" + name + "': use xf, kernels, llvm, asm, exe or phx"};
}

} // namespace ph
