// Text out of tokens, one after the other, as the decoders of a tokenizer.json.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/tokenizer/regex/Regex.h"
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// What has been decoded before a token: some tokens' texts depend on it.
struct DecodeState {
  size_t tokens = 0;         ///< tokens before this one
  size_t strippedStart = 0;  ///< characters taken off the text's front so far
  bool textBegun = false;    ///< a character that isn't taken off has come
  bool spaceOwed = false;    ///< a space comes if another token does
  std::string previousToken; ///< of CTC, which drops repetitions
};

/// One step. Immutable, so one may be used by many threads.
class TokenDecoder {
public:
  virtual ~TokenDecoder() = default;
  /// Rewrites a token's text. Errors: Failed when an expression exceeds its limits.
  virtual Status apply(std::string &text, DecodeState &state) const = 0;
};

using TokenDecoders = std::vector<std::unique_ptr<TokenDecoder>>;

/// Texts in the byte alphabet become bytes; others stay.
std::unique_ptr<TokenDecoder> decodeSpelledBytes();
/// "<0x41>" becomes that byte.
std::unique_ptr<TokenDecoder> decodeByteTokens();
/// What goes of the first token: nothing, one space in front, or all its spaces (so Hugging Face's tokenizers).
enum class FirstSpaces { Keep, DropOne, DropAll };
/// `replacement` becomes a space.
std::unique_ptr<TokenDecoder> decodeMetaspace(std::string replacement, FirstSpaces first);
/// Tokens that don't begin with `prefix` get a space in front, but for the first; `cleanup`: none before punctuation.
std::unique_ptr<TokenDecoder> decodeWordPiece(std::string prefix, bool cleanup);
/// `suffix` becomes a space, at the end of the text nothing.
std::unique_ptr<TokenDecoder> decodeSuffix(std::string suffix);
std::unique_ptr<TokenDecoder> decodeReplacing(std::string pattern, std::string replacement);
std::unique_ptr<TokenDecoder> decodeReplacing(Regex pattern, std::string replacement);
/// Takes up to `start` and `stop` of a character off the ends of each token; if `wholeText`, off the front of the text.
std::unique_ptr<TokenDecoder> decodeStripping(std::string character, size_t start, size_t stop, bool wholeText);
/// Repeated tokens are one, `padding` is none, `delimiter` is a space.
std::unique_ptr<TokenDecoder> decodeCtc(std::string padding, std::string delimiter, bool cleanup);
/// A space between tokens, where a tokenizer.json has no decoder.
std::unique_ptr<TokenDecoder> decodeWithSpaces();

} // namespace ph
