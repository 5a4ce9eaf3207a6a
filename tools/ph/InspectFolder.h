// What ph inspect says of a folder of the Hugging Face hub.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/base/Json.h"
#include <string>

namespace ph::tool {

/// {kind, path, files, tensor_bytes, config, metadata of the tokenizer, tensors}. Errors: BadModel.
Expected<nlohmann::ordered_json> inspectFolder(const std::string &folder);

} // namespace ph::tool
