// Text out of a stream of tokens, in whole characters.
#pragma once
#include "runtime/tokenizer/Tokenizer.h"

namespace ph {

/// Decodes tokens as they come. What it gives is always well-formed UTF-8: a character whose bytes are spread over
/// several tokens is held back until it is whole, and bytes that can't be part of one become U+FFFD.
class StreamDecoder {
public:
  explicit StreamDecoder(const Tokenizer &tokenizer, bool special = false) : tokenizer(&tokenizer), special(special) {}
  /// The characters that `id` completes; may be empty.
  std::string next(int32_t id);
  /// The end of the stream: U+FFFD for what was held back, if anything.
  std::string flush();

private:
  const Tokenizer *tokenizer;
  bool special;
  DecodeState state;
  std::string held; ///< 0 to 3 bytes between calls
};

} // namespace ph
