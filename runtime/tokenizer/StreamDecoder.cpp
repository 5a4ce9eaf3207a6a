#include "runtime/tokenizer/StreamDecoder.h"
#include "runtime/tokenizer/Utf8.h"

namespace ph {

static constexpr const char *replacement = "\xEF\xBF\xBD";

std::string StreamDecoder::next(int32_t id) {
  tokenizer->appendBytes(id, state, held, special);
  std::string out;
  size_t position = 0;
  while (position < held.size()) {
    std::string_view rest = std::string_view(held).substr(position);
    const int length = utf8Length(rest.substr(0, 4));
    if (length < 0)
      break;
    if (length == 0)
      out += replacement;
    else
      out += rest.substr(0, length);
    position += length ? length : 1;
  }
  held.erase(0, position);
  return out;
}

std::string StreamDecoder::flush() {
  const bool any = !held.empty();
  held.clear();
  return any ? replacement : "";
}

} // namespace ph
