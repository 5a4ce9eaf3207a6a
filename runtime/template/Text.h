// Strings as Python sees them: sequences of code points. Bytes that aren't UTF-8 count as one each.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace ph::jinja {

/// The code point at the front of `text` (not empty), and its length in bytes.
uint32_t decodeFront(std::string_view text, size_t &length);
void appendCodePoint(std::string &out, uint32_t code);
size_t codePoints(std::string_view text);
/// The byte offset of code point `index`, at most text.size().
size_t offsetOf(std::string_view text, size_t index);
/// Python's str.isspace() of a code point.
bool isSpace(uint32_t code);
/// Upper and lower case of Latin, Greek, Cyrillic and Armenian letters; others stay.
uint32_t upperCase(uint32_t code);
uint32_t lowerCase(uint32_t code);
std::string upper(std::string_view text);
std::string lower(std::string_view text);
/// First code point in upper, the rest in lower case.
std::string capitalize(std::string_view text);
/// Strips code points in `characters` (white space if null) from the chosen ends.
std::string_view strip(std::string_view text, const std::string_view *characters, bool left, bool right);

} // namespace ph::jinja
