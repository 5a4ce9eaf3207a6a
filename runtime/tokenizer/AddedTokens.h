// Finds tokens that are written out in a text.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/tokenizer/Vocabulary.h"
#include <array>
#include <span>
#include <string>

namespace ph {

/// One token that stands for its text, as the `added_tokens` of a tokenizer.json describe it.
struct AddedToken {
  std::string text;
  int32_t id = Vocabulary::none;
  bool always = false;                        ///< even where special tokens aren't parsed
  bool singleWord = false;                    ///< only where no word goes on before or after it
  bool stripLeft = false, stripRight = false; ///< takes the whitespace beside it along
};

/// Such tokens, sorted by text: a trie whose nodes are ranges of the sorted list.
class AddedTokens {
public:
  /// Errors (BadModel): a token longer than 1024 bytes, with which a text could be made to take quadratic time.
  static Expected<AddedTokens> create(std::vector<AddedToken> tokens);
  /// The vocabulary's tokens of some types; user-defined ones are always parsed.
  static Expected<AddedTokens> of(const Vocabulary &vocabulary, std::span<const TokenType> types);

  bool empty() const { return entries.empty(); }

  /// Calls `text(begin, end)` and `token(id)` for the parts of `whole`, from left to right: the first match and the
  /// longest there, again and again. Special ones only if `all`. Ends at the first Status that is an error.
  template <class Text, class Token> Status forEach(std::string_view whole, bool all, Text text, Token token) const {
    size_t done = 0;
    for (Match match = next(whole, 0, all); match.entry; match = next(whole, match.end, all)) {
      if (!place(whole, done, match))
        continue;
      if (match.begin > done)
        if (Status e = text(done, match.begin))
          return e;
      token(match.entry->id);
      done = match.after;
    }
    return done < whole.size() ? text(done, whole.size()) : Status();
  }

private:
  struct Match {
    size_t begin, end; ///< of the token's text
    size_t after;      ///< where the text goes on
    const AddedToken *entry;
  };
  Match next(std::string_view text, size_t from, bool all) const;
  Match at(std::string_view text, size_t position, bool all) const;
  /// Applies single words and stripping; false if the match doesn't count.
  static bool place(std::string_view text, size_t done, Match &match);

  std::vector<AddedToken> entries;
  std::array<uint32_t, 257> firstByte{}; ///< entries that begin with byte b: [firstByte[b], firstByte[b + 1])
};

} // namespace ph
