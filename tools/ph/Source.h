// What a user names on the command line: a model, an artifact, or a known name.
#pragma once
#include "runtime/base/Error.h"
#include "tools/ph/CompilerLibrary.h"
#include <string>

namespace ph::tool {

enum class SourceKind { Model, Artifact };

/// A file that exists, and what it is by its content.
struct Source {
  std::string path;
  SourceKind kind;
};

/// Finds `nameOrPath`, fetching a model that is known by name. Errors: Failed (no such file), those of resolveModel.
Expected<Source> findSource(const std::string &nameOrPath);

/// An artifact to run; one that is made for this run has no name in any folder and vanishes with the object.
class CompiledArtifact {
public:
  /// An artifact as it is; a model is compiled as wished. There must be no threads yet.
  static Expected<CompiledArtifact> of(const std::string &nameOrPath, const CompileWishes &wishes);
  CompiledArtifact(CompiledArtifact &&other) noexcept;
  CompiledArtifact &operator=(CompiledArtifact &&other) = delete;
  ~CompiledArtifact();
  const std::string &path() const { return file; }

private:
  CompiledArtifact(std::string file, int descriptor) : file(std::move(file)), descriptor(descriptor) {}
  std::string file;
  int descriptor; ///< keeps a file without a name; -1 if it has one
};

/// The artifact that commands run: a path as it is; a known name is compiled for this machine into the cache, once per
/// build of the compiler and level of CPU. There must be no threads yet. Errors: Usage for a path of a model, which
/// wants to be compiled first.
Expected<std::string> findArtifact(const std::string &nameOrPath);

} // namespace ph::tool
