// The small files of a folder of the Hugging Face hub that say how a model is used, as metadata of a GGUF.
#pragma once
#include "runtime/base/Json.h"
#include "runtime/formats/Gguf.h"
#include "runtime/formats/GgufRecords.h"

namespace ph {

/// Adds to `records`, each whole under the key `huggingface.<path in the folder>`, what `folder` has of config.json,
/// generation_config.json, preprocessor_config.json, processor_config.json, and, of sentence-transformers,
/// modules.json, sentence_bert_config.json and each module's config.json. Errors: Failed for a file that can't be read,
/// BadModel for one that is no JSON or larger than 16 MiB.
Status addHubFiles(const std::string &folder, GgufRecords &records);

/// The file `path` of the folder that a model came from; null where it had none, or the model came from elsewhere.
/// Errors: BadModel.
Expected<nlohmann::json> hubFile(const GgufFile &metadata, const std::string &path);

} // namespace ph
