// What options say, checked.
#pragma once
#include "powerhouse/Driver/Compile.h"

namespace ph {

/// The levels that --target names, each once; native is this machine's. Errors: Usage for an unknown one.
Expected<std::vector<std::string>> parseLevels(const std::string &target);

/// Whether what is made is text, which standard output can take.
bool isText(EmitKind kind);

} // namespace ph
