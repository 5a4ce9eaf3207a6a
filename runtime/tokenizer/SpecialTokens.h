// Finds special tokens that are written out in a text.
#pragma once
#include "runtime/tokenizer/Vocabulary.h"
#include <array>

namespace ph {

/// The control, unknown and user-defined tokens, sorted by text: a trie whose nodes are ranges of the sorted list.
class SpecialTokens {
public:
  /// Errors (BadModel): a special token longer than 1024 bytes, with which a text could be made to take quadratic time.
  static Expected<SpecialTokens> create(const Vocabulary &vocabulary);

  struct Match {
    size_t position; ///< first byte; the text's length when nothing was found
    size_t length;
    int32_t id;
  };
  /// The first match at or after `from`, the longest there. User-defined tokens always count, the others if `all`.
  Match next(std::string_view text, size_t from, bool all) const;

private:
  struct Entry {
    std::string_view text;
    int32_t id;
    bool always;
  };
  Match at(std::string_view text, size_t position, bool all) const;

  std::vector<Entry> entries;
  std::array<uint32_t, 257> firstByte{}; ///< entries that begin with byte b: [firstByte[b], firstByte[b + 1])
};

} // namespace ph
