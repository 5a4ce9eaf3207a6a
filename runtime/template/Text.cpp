#include "runtime/template/Text.h"
#include "runtime/tokenizer/Utf8.h"

namespace ph::jinja {

uint32_t decodeFront(std::string_view text, size_t &length) {
  const int n = utf8Length(text.substr(0, 4));
  const unsigned char lead = static_cast<unsigned char>(text[0]);
  length = n > 0 ? n : 1;
  if (n <= 1)
    return n == 1 ? lead : 0xDC00u + lead; // Python's surrogateescape: no character, but one element
  uint32_t code = lead & (0xFF >> (n + 1));
  for (int i = 1; i < n; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return code;
}

void appendCodePoint(std::string &out, uint32_t code) {
  if (code >= 0xDC80 && code <= 0xDCFF) { // the inverse of decodeFront
    out += static_cast<char>(code - 0xDC00);
    return;
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
    code = 0xFFFD;
  if (code < 0x80)
    out += static_cast<char>(code);
  else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

size_t codePoints(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0, length; i < text.size(); i += length, ++count)
    decodeFront(text.substr(i, 4), length);
  return count;
}

size_t offsetOf(std::string_view text, size_t index) {
  size_t i = 0;
  for (size_t length; i < text.size() && index; i += length, --index)
    decodeFront(text.substr(i, 4), length);
  return i;
}

bool isSpace(uint32_t code) {
  return (code >= 9 && code <= 13) || (code >= 28 && code <= 32) || code == 0x85 || code == 0xA0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F ||
         code == 0x3000;
}

// Blocks in which capital and small letters alternate, the capital on an even (or odd) code point.
static bool alternates(uint32_t code, bool &capitalIsEven) {
  capitalIsEven = true;
  if ((code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E)) {
    capitalIsEven = false;
    return true;
  }
  return (code >= 0x100 && code <= 0x137 && code != 0x130 && code != 0x131) || (code >= 0x14A && code <= 0x177) ||
         (code >= 0x460 && code <= 0x481) || (code >= 0x48A && code <= 0x4BF) || (code >= 0x4D0 && code <= 0x52F) ||
         (code >= 0x1E00 && code <= 0x1E95) || (code >= 0x1EA0 && code <= 0x1EFF);
}

uint32_t lowerCase(uint32_t code) {
  if (code < 0x80)
    return code >= 'A' && code <= 'Z' ? code + 32 : code;
  bool even;
  if (alternates(code, even))
    return (code % 2 == 0) == even ? code + 1 : code;
  if ((code >= 0xC0 && code <= 0xDE && code != 0xD7) || (code >= 0x391 && code <= 0x3AB && code != 0x3A2) ||
      (code >= 0x410 && code <= 0x42F))
    return code + 32;
  if (code >= 0x400 && code <= 0x40F)
    return code + 80;
  if (code >= 0x531 && code <= 0x556)
    return code + 48;
  switch (code) {
  case 0x178:
    return 0xFF;
  case 0x386:
    return 0x3AC;
  case 0x388:
  case 0x389:
  case 0x38A:
    return code + 37;
  case 0x38C:
    return 0x3CC;
  case 0x38E:
  case 0x38F:
    return code + 63;
  case 0x1E9E:
    return 0xDF;
  }
  return code;
}

uint32_t upperCase(uint32_t code) {
  if (code < 0x80)
    return code >= 'a' && code <= 'z' ? code - 32 : code;
  bool even;
  if (alternates(code, even))
    return (code % 2 == 0) == even ? code : code - 1;
  if ((code >= 0xE0 && code <= 0xFE && code != 0xF7) || (code >= 0x3B1 && code <= 0x3CB && code != 0x3C2) ||
      (code >= 0x430 && code <= 0x44F))
    return code - 32;
  if (code >= 0x450 && code <= 0x45F)
    return code - 80;
  if (code >= 0x561 && code <= 0x586)
    return code - 48;
  switch (code) {
  case 0xB5:
    return 0x39C;
  case 0xFF:
    return 0x178;
  case 0x131:
    return 'I';
  case 0x17F:
    return 'S';
  case 0x3AC:
    return 0x386;
  case 0x3AD:
  case 0x3AE:
  case 0x3AF:
    return code - 37;
  case 0x3C2:
    return 0x3A3;
  case 0x3CC:
    return 0x38C;
  case 0x3CD:
  case 0x3CE:
    return code - 63;
  }
  return code;
}

static std::string mapped(std::string_view text, uint32_t (*first)(uint32_t), uint32_t (*rest)(uint32_t)) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0, length; i < text.size(); i += length) {
    const uint32_t code = decodeFront(text.substr(i, 4), length), changed = (i == 0 ? first : rest)(code);
    if (changed == code)
      out += text.substr(i, length);
    else
      appendCodePoint(out, changed);
  }
  return out;
}

std::string upper(std::string_view text) { return mapped(text, upperCase, upperCase); }
std::string lower(std::string_view text) { return mapped(text, lowerCase, lowerCase); }
std::string capitalize(std::string_view text) { return mapped(text, upperCase, lowerCase); }

std::string_view strip(std::string_view text, const std::string_view *characters, bool left, bool right) {
  auto drops = [&](std::string_view one, uint32_t code) {
    if (!characters)
      return isSpace(code);
    for (size_t i = 0, length; i < characters->size(); i += length) {
      decodeFront(characters->substr(i, 4), length);
      if (characters->substr(i, length) == one)
        return true;
    }
    return false;
  };
  size_t length;
  while (left && !text.empty()) {
    const uint32_t code = decodeFront(text.substr(0, 4), length);
    if (!drops(text.substr(0, length), code))
      break;
    text.remove_prefix(length);
  }
  while (right && !text.empty()) {
    size_t begin = text.size() - 1; // back to a lead byte that reaches exactly to the end, if there is one
    for (size_t back = 2; back <= 4 && back <= text.size(); ++back)
      if (utf8Length(text.substr(text.size() - back)) == static_cast<int>(back))
        begin = text.size() - back;
    const uint32_t code = decodeFront(text.substr(begin), length);
    if (!drops(text.substr(begin), code))
      break;
    text = text.substr(0, begin);
  }
  return text;
}

} // namespace ph::jinja
