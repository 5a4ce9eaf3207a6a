// Regular expressions as tokenizers write them: Oniguruma's Ruby syntax, run by PCRE2.
#pragma once
#include "runtime/base/Error.h"
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ph {

/// `pattern` in PCRE2's syntax, with the character classes of Oniguruma 6.9 (Unicode 16). With `newCharacters` they
/// have those that PCRE2 doesn't know, too. Errors (BadModel): what has no counterpart (intersections and nesting of
/// classes).
Expected<std::string> translateRegex(std::string_view pattern, bool newCharacters);

/// What one thread needs while it matches; for any number of expressions.
class RegexScratch {
public:
  RegexScratch();
  ~RegexScratch();

private:
  friend class Regex;
  struct Parts;
  std::unique_ptr<Parts> parts;
};

/// A compiled expression. Immutable, so one may be used by many threads.
class Regex {
public:
  /// Errors (BadModel): not well-formed, or beyond the limits of length and nesting.
  static Expected<Regex> compile(std::string_view pattern);
  Regex(Regex &&) noexcept;
  Regex &operator=(Regex &&) noexcept;
  ~Regex();

  struct Match {
    size_t begin, end;
  };
  /// Finds matches in one text, which must be UTF-8 and outlive it.
  class Search {
  public:
    Search(const Regex &regex, std::string_view text, RegexScratch &scratch);
    /// The next match at or after the end of the one before; after an empty one the search goes on a character later.
    /// Errors: Failed when the expression exceeds its match, depth or heap limit.
    Expected<std::optional<Match>> next();

  private:
    const void *code;
    std::string_view text;
    RegexScratch &scratch;
    size_t from = 0;
    bool over = false;
  };

private:
  Regex();
  struct Codes;
  std::unique_ptr<Codes> codes;
};

} // namespace ph
