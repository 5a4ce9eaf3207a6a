// Running another program.
#pragma once
#include "runtime/base/Error.h"
#include <string>
#include <vector>

namespace ph {

/// Runs `arguments` (the program is looked up in PATH; no shell) and waits. stdin and stdout are /dev/null; stderr goes
/// to `errorFile`. Returns the exit status, 128 + signal if a signal ended it. Errors: Failed if it could not be
/// started.
Expected<int> runProcess(const std::vector<std::string> &arguments, const std::string &errorFile);

} // namespace ph
