#include "tools/ph/Metadata.h"
#include <filesystem>

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
  std::error_code ignored;
  if (std::filesystem::is_directory(source->path, ignored))
    return Error{ErrorCode::Usage, source->path +
                                       ": is a folder, and this command reads GGUF files and artifacts; to see "
                                       "what is in it: phc " +
                                       source->path + " --emit=xf -o -"};
  auto model = GgufFile::open(source->path);
  if (!model)
    return model.error();
  result.model = std::move(*model);
  return result;
}

} // namespace ph::tool
