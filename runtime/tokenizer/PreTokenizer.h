// Splits a text into the words within which byte pairs merge.
#pragma once
#include "runtime/base/Error.h"
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// What `tokenizer.ggml.pre` stands for. Each pattern splits what the ones before it left whole: matches and the
/// stretches between matches become pieces.
struct PreTokenizerSpec {
  std::span<const std::string_view> names;
  std::span<const char *const> patterns; ///< PCRE2 syntax, Unicode properties on
  bool wholeWordsFirst = false;          ///< a word that is a token is not merged together ("ignore_merges")
  bool addBos = false;                   ///< BOS is added unless the file says otherwise
};

/// The table.
std::span<const PreTokenizerSpec> preTokenizers();
/// The row of the table with this name, or null.
const PreTokenizerSpec *findPreTokenizer(std::string_view name);

/// Receives the pieces of a text in order.
class PieceSink {
public:
  virtual ~PieceSink() = default;
  virtual Status piece(std::string_view bytes) = 0;
};

/// The compiled patterns of one spec. Immutable, so one may be used by many threads.
class PreTokenizer {
public:
  static Expected<PreTokenizer> create(const PreTokenizerSpec &spec);
  PreTokenizer(PreTokenizer &&) noexcept;
  PreTokenizer &operator=(PreTokenizer &&) noexcept;
  ~PreTokenizer();

  /// Hands every byte of `text` to `sink`, once and in order. Bytes that aren't UTF-8 come as pieces of their own.
  /// Errors: Failed when a pattern exceeds its match, depth or heap limit; those of the sink.
  Status split(std::string_view text, PieceSink &sink) const;

private:
  struct Pattern;
  struct Matcher;
  PreTokenizer();
  Status splitFrom(size_t index, std::string_view text, std::vector<Matcher> &matchers, PieceSink &sink) const;

  std::vector<Pattern> patterns;
};

} // namespace ph
