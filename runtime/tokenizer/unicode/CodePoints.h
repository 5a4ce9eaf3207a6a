// UTF-8 to code points and back, over text that may hold any bytes.
#pragma once
#include "runtime/tokenizer/Utf8.h"
#include <cstdint>
#include <string>

namespace ph {

/// Stands for a byte b that is of no UTF-8 sequence, as notUtf8 + b: above every code point.
inline constexpr uint32_t notUtf8 = 0x110000;

struct CodePoint {
  uint32_t value; ///< a code point, or notUtf8 + the byte
  uint32_t length;
};

/// The code point at the front of `text`, which must not be empty.
inline CodePoint firstCodePoint(std::string_view text) {
  const unsigned char lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80)
    return {lead, 1};
  auto tail = [&](size_t i) { return static_cast<unsigned char>(text[i]) & 0x3Fu; };
  switch (utf8Length(text.substr(0, 4))) {
  case 2:
    return {(lead & 0x1Fu) << 6 | tail(1), 2};
  case 3:
    return {(lead & 0x0Fu) << 12 | tail(1) << 6 | tail(2), 3};
  case 4:
    return {(lead & 0x07u) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4};
  default:
    return {notUtf8 + lead, 1};
  }
}

/// The code point that ends `text`, which must not be empty.
inline CodePoint lastCodePoint(std::string_view text) {
  for (size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    const CodePoint point = firstCodePoint(text.substr(text.size() - length));
    if (point.length == length && point.value < notUtf8)
      return point;
  }
  return {notUtf8 + static_cast<unsigned char>(text.back()), 1};
}

/// The inverse of firstCodePoint.
inline void appendCodePoint(uint32_t point, std::string &out) {
  if (point < 0x80 || point >= notUtf8) {
    out += static_cast<char>(point < 0x80 ? point : point - notUtf8);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

/// Calls `well` with each stretch of `text` that is UTF-8 and `broken` with each that isn't, in order.
template <class Well, class Broken> void forEachStretch(std::string_view text, Well well, Broken broken) {
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    int length = 0;
    while (end < text.size() && (length = utf8Length(text.substr(end, 4))) > 0)
      end += static_cast<size_t>(length);
    if (end > begin)
      well(text.substr(begin, end - begin));
    begin = end;
    while (end < text.size() && utf8Length(text.substr(end, 4)) <= 0)
      ++end;
    if (end > begin)
      broken(text.substr(begin, end - begin));
    begin = end;
  }
}

} // namespace ph
