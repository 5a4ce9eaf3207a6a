// The printable alphabet that byte-level vocabularies spell bytes in (GPT-2).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace ph {

/// Byte b is spelled by one printable character: itself, or code point 256 + n for the n-th byte that isn't printable.
struct ByteAlphabet {
  uint16_t codePoint[256];
  int16_t byteOf[512]; ///< by code point; -1 where none
  constexpr ByteAlphabet() : codePoint(), byteOf() {
    for (int16_t &b : byteOf)
      b = -1;
    uint16_t next = 256;
    for (int b = 0; b < 256; ++b) {
      const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
      codePoint[b] = printable ? static_cast<uint16_t>(b) : next++;
      byteOf[codePoint[b]] = static_cast<int16_t>(b);
    }
  }
};
inline constexpr ByteAlphabet byteAlphabet;

inline void appendSpelling(unsigned char byte, std::string &out) {
  const unsigned code = byteAlphabet.codePoint[byte];
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}
inline void appendSpelling(std::string_view bytes, std::string &out) {
  for (unsigned char byte : bytes)
    appendSpelling(byte, out);
}

/// Appends the bytes that `text` spells; false, and nothing appended, if it has a character that isn't of the alphabet.
inline bool appendSpelledBytes(std::string_view text, std::string &out) {
  const size_t before = out.size();
  for (size_t i = 0; i < text.size();) {
    const unsigned char lead = static_cast<unsigned char>(text[i]);
    const unsigned char trail = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool two = (lead & 0xE0) == 0xC0 && (trail & 0xC0) == 0x80;
    const unsigned code = two ? (lead & 0x1Fu) << 6 | (trail & 0x3Fu) : lead;
    if ((!two && lead >= 0x80) || code >= 512 || byteAlphabet.byteOf[code] < 0) {
      out.resize(before);
      return false;
    }
    out += static_cast<char>(byteAlphabet.byteOf[code]);
    i += two ? 2 : 1;
  }
  return true;
}

} // namespace ph
