// ph verify of a model that is a function of named tensors.
#pragma once
#include "runtime/formats/Safetensors.h"
#include "runtime/session/Model.h"
#include "tools/ph/Checks.h"

namespace ph::tool {

/// Runs the program `forward` on the tensors of a file (VerifyTensors.h) whose name is `path`, and compares all results
/// that the file holds. Errors: BadModel for the file (an input is missing, a tensor is neither input nor result), and
/// those of running.
Expected<std::vector<Check>> verifyProgram(Model &model, const SafetensorsFile &file, const std::string &path,
                                           double tolerance);

} // namespace ph::tool
