#include "tools/ph/Source.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Sha256.h"
#include "runtime/formats/Artifact.h"
#include "runtime/formats/ModelStore.h"
#include "tools/ph/CompilerLibrary.h"
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

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

/// Artifacts of the same model by other compilers. A process that runs one keeps what it needs of it.
void removeOlder(const std::string &folder, const std::string &prefix, const std::string &keep) {
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored))
    if (entry.path() != keep && entry.path().filename().string().starts_with(prefix))
      fs::remove(entry.path(), ignored);
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
    : file(std::move(other.file)), temporary(std::exchange(other.temporary, false)) {}

CompiledArtifact::~CompiledArtifact() {
  std::error_code ignored;
  if (temporary)
    fs::remove(file, ignored);
}

Expected<CompiledArtifact> CompiledArtifact::of(const std::string &nameOrPath, const std::string &activations) {
  auto source = findSource(nameOrPath);
  if (!source)
    return source.error();
  if (source->kind == SourceKind::Artifact)
    return CompiledArtifact(source->path, false);
  auto compiler = CompilerLibrary::load();
  if (!compiler)
    return compiler.error();
  auto folder = artifactFolder();
  if (!folder)
    return folder.error();
  CompiledArtifact result(*folder + "/temporary-" + std::to_string(getpid()) + ".phx", true);
  if (auto e = compiler->compile(source->path, result.file, activations))
    return e.error();
  // From now on Ctrl-C must come back to here, for the file to be removed.
  handleInterrupts(OnInterrupt::Flag);
  return result;
}

Expected<std::string> findArtifact(const std::string &nameOrPath) {
  std::error_code ignored;
  if (fs::exists(nameOrPath, ignored) || !isKnownName(nameOrPath)) {
    auto source = findSource(nameOrPath);
    if (!source)
      return source.error();
    if (magicOf(source->path) == "GGUF")
      return Error{ErrorCode::Usage,
                   source->path + ": is a model that isn't compiled yet: phc " + source->path + " -o model.phx"};
    return source->path;
  }
  auto compiler = CompilerLibrary::load();
  if (!compiler)
    return compiler.error();
  auto folder = artifactFolder();
  if (!folder)
    return folder.error();
  // A rebuilt compiler may have the same version.
  std::error_code unknown;
  const std::string key = nameOrPath + "\n" + compiler->version() + "\n" + compiler->path() + "\n" +
                          std::to_string(fs::last_write_time(compiler->path(), unknown).time_since_epoch().count()) +
                          "\nnative";
  const std::string digest =
      Sha256::toHex(Sha256::of({reinterpret_cast<const uint8_t *>(key.data()), key.size()})).substr(0, 16);
  std::string path = *folder + "/" + nameOrPath + "-" + digest + ".phx";
  if (Artifact::isArtifact(path))
    return path;
  auto model = resolveModel(nameOrPath);
  if (!model)
    return model.error();
  if (auto e = compiler->compile(*model, path, ""))
    return e.error();
  removeOlder(*folder, nameOrPath + "-", path);
  return path;
}

} // namespace ph::tool
