#include "tools/ph/Metadata.h"

namespace ph::tool {

Expected<Metadata> Metadata::open(const std::string &nameOrPath) {
  auto source = findSource(nameOrPath);
  if (!source)
    return source.error();
  Metadata result;
  result.source = *source;
  if (source->kind == SourceKind::Artifact) {
    auto artifact = ArtifactFile::open(source->path);
    if (!artifact)
      return artifact.error();
    result.artifact = std::move(*artifact);
    return result;
  }
  auto model = GgufFile::open(source->path);
  if (!model)
    return model.error();
  result.model = std::move(*model);
  return result;
}

} // namespace ph::tool
