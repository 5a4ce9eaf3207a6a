// UTF-8, one sequence at a time.
#pragma once
#include <cstddef>
#include <string_view>

namespace ph {

/// Length 1 to 4 of the well-formed sequence (RFC 3629: no overlong forms, no surrogates) at the front of `text`;
/// 0 if the bytes there can't begin one; -1 if they can but the text ends first.
inline int utf8Length(std::string_view text) {
  if (text.empty())
    return -1;
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80)
    return 1;
  if (lead < 0xC2 || lead > 0xF4)
    return 0;
  const int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (int i = 1; i < length; ++i) {
    if (static_cast<size_t>(i) == text.size())
      return -1;
    if (byte(i) < (i == 1 ? low : 0x80) || byte(i) > (i == 1 ? high : 0xBF))
      return 0;
  }
  return length;
}

} // namespace ph
