#include "tools/ph/Source.h"
#include "runtime/base/Sha256.h"
#include "runtime/devices/cpu/CpuFeatures.h"
#include "runtime/formats/Artifact.h"
#include "runtime/formats/ModelStore.h"
#include "tools/ph/CompilerLibrary.h"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <utility>

namespace ph::tool {
namespace {

namespace fs = std::filesystem;

/// The first four bytes; shorter if the file is.
std::string magicOf(const std::string &path) {
  char bytes[4] = {};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes, sizeof bytes);
  return {bytes, size_t(std::max<std::streamsize>(file.gcount(), 0))};
}

bool isKnownName(const std::string &name) {
  auto known = knownModels();
  return std::any_of(known.begin(), known.end(), [&](const KnownModel &m) { return m.name == name; });
}

/// Where artifacts may be written and loaded as programs; a temporary folder is often not allowed to hold programs.
Expected<std::string> artifactFolder() {
  auto cache = cacheFolder();
  if (!cache)
    return cache.error();
  const fs::path folder = fs::path(*cache) / "artifacts";
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure)
    return Error{ErrorCode::Disk, folder.string() + ": could not make this folder: " + failure.message()};
  return folder.string();
}

/// Artifacts of the same model by other compilers: `<name>-<16 hex digits>.phx`. A process that runs one keeps what it
/// needs of it.
void removeOlder(const std::string &folder, const std::string &name, const std::string &keep) {
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored)) {
    const std::string file = entry.path().filename().string();
    const size_t digits = name.size() + 1;
    if (entry.path() != keep && file.size() == digits + 20 && file.starts_with(name + "-") && file.ends_with(".phx") &&
        file.find_first_not_of("0123456789abcdef", digits) == digits + 16)
      fs::remove(entry.path(), ignored);
  }
}

/// What processes left that were killed while they compiled. In a folder shared between machines or containers a number
/// may be another's, so that only what nobody has written for an hour goes.
void removeStale(const std::string &folder) {
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored)) {
    const std::string file = entry.path().filename().string();
    const size_t part = file.find(".phx.tmp.");
    const size_t number = part != std::string::npos        ? part + 9
                          : file.starts_with("temporary-") ? 10
                                                           : std::string::npos;
    if (number == std::string::npos)
      continue;
    const long process = std::strtol(file.c_str() + number, nullptr, 10);
    const bool old =
        fs::file_time_type::clock::now() - fs::last_write_time(entry.path(), ignored) > std::chrono::hours(1);
    if (process > 0 && old && kill(pid_t(process), 0) != 0 && errno == ESRCH)
      fs::remove(entry.path(), ignored);
  }
}

/// Differs whenever the compiler was built anew or this CPU would get other kernels.
Expected<std::string> compilerKey() {
  auto library = CompilerLibrary::locate();
  if (!library)
    return library.error();
  std::error_code failure;
  const auto bytes = fs::file_size(*library, failure);
  const auto time = fs::last_write_time(*library, failure);
  if (failure)
    return Error{ErrorCode::Failed, *library + ": could not be looked at: " + failure.message()};
  std::string level = "none";
  for (const CpuLevelSupport &known : cpuLevels())
    if (known.missing.empty())
      level = known.name;
  return *library + "\n" + std::to_string(bytes) + "\n" + std::to_string(time.time_since_epoch().count()) + "\n" +
         level;
}

} // namespace

Expected<Source> findSource(const std::string &nameOrPath) {
  auto path = resolveModel(nameOrPath);
  if (!path)
    return path.error();
  // A truncated artifact has lost its trailer, but is still no model.
  const bool artifact = Artifact::isArtifact(*path) || magicOf(*path) == "\177ELF";
  return Source{*path, artifact ? SourceKind::Artifact : SourceKind::Model};
}

CompiledArtifact::CompiledArtifact(CompiledArtifact &&other) noexcept
    : file(std::move(other.file)), descriptor(std::exchange(other.descriptor, -1)) {}

CompiledArtifact::~CompiledArtifact() {
  if (descriptor >= 0)
    close(descriptor);
}

Expected<CompiledArtifact> CompiledArtifact::of(const std::string &nameOrPath, const CompileWishes &wishes) {
  auto source = findSource(nameOrPath);
  if (!source)
    return source.error();
  if (source->kind == SourceKind::Artifact)
    return CompiledArtifact(source->path, -1);
  auto folder = artifactFolder();
  if (!folder)
    return folder.error();
  removeStale(*folder);
  const std::string file = *folder + "/temporary-" + std::to_string(getpid()) + ".phx";
  if (auto e = CompilerLibrary::compileApart(source->path, file, wishes))
    return e.error();
  // Without a name it vanishes with the process, however that ends.
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const int reason = errno;
  unlink(file.c_str());
  if (descriptor < 0)
    return Error{ErrorCode::Failed, file + ": could not open what was compiled: " + std::strerror(reason)};
  return CompiledArtifact("/proc/self/fd/" + std::to_string(descriptor), descriptor);
}

Expected<std::string> findArtifact(const std::string &nameOrPath) {
  std::error_code ignored;
  if (fs::exists(nameOrPath, ignored) || !isKnownName(nameOrPath)) {
    auto source = findSource(nameOrPath);
    if (!source)
      return source.error();
    if (magicOf(source->path) == "GGUF" || source->path.ends_with(".onnx") || fs::is_directory(source->path, ignored))
      return Error{ErrorCode::Usage,
                   source->path + ": is a model that isn't compiled yet: phc " + source->path + " -o model.phx"};
    return source->path;
  }
  auto compiler = compilerKey();
  if (!compiler)
    return compiler.error();
  auto folder = artifactFolder();
  if (!folder)
    return folder.error();
  const std::string key = nameOrPath + "\n" + *compiler;
  const std::string digest =
      Sha256::toHex(Sha256::of({reinterpret_cast<const uint8_t *>(key.data()), key.size()})).substr(0, 16);
  std::string path = *folder + "/" + nameOrPath + "-" + digest + ".phx";
  if (Artifact::isArtifact(path))
    return path;
  auto model = resolveModel(nameOrPath);
  if (!model)
    return model.error();
  removeStale(*folder);
  if (auto e = CompilerLibrary::compileApart(*model, path, {}))
    return e.error();
  removeOlder(*folder, nameOrPath, path);
  return path;
}

} // namespace ph::tool
