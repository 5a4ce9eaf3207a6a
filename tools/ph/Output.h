// Standard output, with its failures noticed.
#pragma once
#include "runtime/base/Error.h"
#include <nlohmann/json.hpp>
#include <string_view>

namespace ph::tool {

/// Writes text to stdout, at once if `flush`. False if that failed; finishOutput says why.
bool print(std::string_view text, bool flush = false);
/// As printf, lines of up to 1000 bytes.
__attribute__((format(printf, 1, 2))) bool printLine(const char *format, ...);
/// Writes one JSON value and a newline; on one line unless `indented`.
bool printJson(const nlohmann::ordered_json &value, bool indented = false);
/// Flushes. Error: Disk, if this or any write before failed.
Status finishOutput();

} // namespace ph::tool
