// The metadata of a model or an artifact, for commands that need no weights.
#pragma once
#include "runtime/session/Model.h"
#include "tools/ph/Source.h"

namespace ph::tool {

/// An opened model (GGUF) or artifact.
class Metadata {
public:
  /// Errors: those of findSource and of the readers.
  static Expected<Metadata> open(const std::string &nameOrPath);
  /// As open, but for tokenizer, chat template and the small files of a folder only: also a folder of the Hugging Face
  /// hub, or one file that has a tokenizer (tokenizer.json, tokenizer.model, vocab.txt). Errors: also those of
  /// addHuggingFaceTokenizer.
  static Expected<Metadata> openText(const std::string &nameOrPath);
  const GgufFile &keys() const { return model ? *model : artifact.artifact->metadata(); }
  const std::string &path() const { return source.path; }

  Source source;
  ArtifactFile artifact;           ///< if it is one
  std::vector<uint8_t> bytes;      ///< what `model` views, if it is no file
  std::shared_ptr<GgufFile> model; ///< else
};

} // namespace ph::tool
