// What somebody meant who wrote a name that isn't there.
#pragma once
#include <span>
#include <string_view>

namespace ph {

/// The name among `known` that takes the fewest insertions, deletions and replacements of bytes (Levenshtein 1966) to
/// make of `written`, the first of several; empty if that is more than half of the longer one's length.
std::string_view nearestName(std::string_view written, std::span<const std::string_view> known);

} // namespace ph
