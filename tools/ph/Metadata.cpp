#include "tools/ph/Metadata.h"
#include "runtime/formats/HubFiles.h"
#include "runtime/tokenizer/HuggingFaceFiles.h"
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

Expected<Metadata> Metadata::openText(const std::string &nameOrPath) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const std::string extension = fs::path(nameOrPath).extension().string();
  const bool isFile = extension == ".json" || extension == ".model" || extension == ".txt";
  const bool isFolder = fs::is_directory(nameOrPath, ignored);
  if (!isFolder && !(isFile && fs::is_regular_file(nameOrPath, ignored)))
    return open(nameOrPath);
  GgufRecords records;
  if (auto e = addHuggingFaceTokenizer(nameOrPath, records))
    return e.error();
  if (isFolder && records.count() == 0)
    return Error{ErrorCode::BadModel, nameOrPath +
                                          ": has neither a tokenizer (tokenizer.json, tokenizer.model, vocab.txt, "
                                          "vocab.json with merges.txt) nor a chat template"};
  if (auto e = isFolder ? addHubFiles(nameOrPath, records) : Status())
    return e.error();
  Metadata result;
  result.source = {nameOrPath, SourceKind::Model};
  result.bytes = GgufRecords::file(records.bytes(), records.count());
  auto model = GgufFile::parse(result.bytes, nameOrPath, /*metadataOnly=*/true);
  if (!model)
    return model.error();
  result.model = std::move(*model);
  return result;
}

} // namespace ph::tool
