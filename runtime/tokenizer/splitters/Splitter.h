// Splits a text into the words within which a model finds tokens.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/tokenizer/regex/Regex.h"
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace ph {

/// A stretch of text on its way to the model.
struct Piece {
  std::string_view text;
  bool first; ///< begins where the whole input does
};

/// Receives the pieces of a text in order. Their bytes are valid during the call.
class PieceSink {
public:
  virtual ~PieceSink() = default;
  virtual Status piece(Piece piece) = 0;
};

/// One step, as the pre-tokenizers of a tokenizer.json. Immutable, so one may be used by many threads.
class Splitter {
public:
  virtual ~Splitter() = default;
  /// Hands what becomes of `piece` (UTF-8, not empty) to `sink`, in order and never empty. Errors: Failed when an
  /// expression exceeds its limits; those of the sink.
  virtual Status split(Piece piece, RegexScratch &scratch, PieceSink &sink) const = 0;
};

using Splitters = std::vector<std::unique_ptr<Splitter>>;

/// Runs `text` through all steps. Bytes that aren't UTF-8 reach the sink as pieces of their own.
Status splitText(const Splitters &steps, Piece text, RegexScratch &scratch, PieceSink &sink);

/// What becomes of what a pattern matches (tokenizers' SplitDelimiterBehavior).
enum class SplitBehavior { Isolated, Removed, MergedWithPrevious, MergedWithNext, Contiguous };

std::unique_ptr<Splitter> splitByRegex(Regex regex, SplitBehavior behavior, bool invert);
/// Matches are the characters that `matches` says, one each.
std::unique_ptr<Splitter> splitByCharacter(bool (*matches)(uint32_t), SplitBehavior behavior);
/// Whitespace goes, words of \w and runs of anything else stay.
std::unique_ptr<Splitter> splitIntoWords();
/// Pieces of `length` characters; the last may be shorter.
std::unique_ptr<Splitter> splitByLength(size_t length);
/// Pieces of one script each (unicode::script). What has none goes with the script before it; where none is before it
/// in the piece, it is dropped, as tokenizers does.
std::unique_ptr<Splitter> splitByScript();

enum class PrependScheme { Never, First, Always };
/// Writes spaces as `replacement` (a character), puts one in front if `scheme` says so and none is there, and if
/// `split` cuts before each.
std::unique_ptr<Splitter> splitAtMetaspace(std::string replacement, PrependScheme scheme, bool split);
/// A space in front unless there is one.
std::unique_ptr<Splitter> prependSpace();
/// Spells bytes in the printable alphabet of byte-level vocabularies.
std::unique_ptr<Splitter> spellBytes();

/// GPT-2's expression, which ByteLevel splits by.
inline constexpr const char *gpt2Pattern =
    R"re('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)re";

} // namespace ph
