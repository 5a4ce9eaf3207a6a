// ph verify of a model that generates text from tokens alone.
#pragma once
#include "runtime/formats/Safetensors.h"
#include "runtime/session/Model.h"
#include "tools/ph/Checks.h"

namespace ph::tool {

/// Compares `logits`, `greedy` and `beam4` of a file (VerifyTensors.h) whose name is `path`, with a session that
/// appends at most `chunk` tokens at a time. Errors: BadModel for the file, and those of sessions.
Expected<std::vector<Check>> verifyDecoder(const std::shared_ptr<Model> &model, const SafetensorsFile &file,
                                           const std::string &path, double tolerance, int64_t chunk);

} // namespace ph::tool
