#include "runtime/base/Quote.h"

namespace ph {

std::string quoteText(std::string_view text) {
  static const char digits[] = "0123456789abcdef";
  std::string result = "'";
  for (unsigned char c : text.substr(0, 100)) {
    if (c >= 0x20 && c < 0x7f)
      result += char(c);
    else
      result += {'\\', 'x', digits[c >> 4], digits[c & 15]};
  }
  return result + (text.size() > 100 ? "...'" : "'");
}

} // namespace ph
