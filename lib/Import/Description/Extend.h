// Descriptions that extend others: "extends" names a built-in family whose entries a file takes over.
#pragma once
#include "Architecture.h"
#include "LinedJson.h"

namespace ph {

/// `json` with what it extends taken over, where it extends something. `paths` gets the files' names; the lines of file
/// number n are counted on from n · Architecture::kLinesOfFile. Errors: BadModel, naming the line.
Expected<LinedJson> extendDescription(LinedJson json, std::vector<std::string> &paths);

/// The text of a built-in description; empty if there is none of that name.
std::string_view builtInDescription(std::string_view family);

} // namespace ph
