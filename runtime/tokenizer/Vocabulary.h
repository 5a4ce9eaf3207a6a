// The vocabulary of a tokenizer: texts, types, special ids, and text → id.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/formats/Gguf.h"
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// What a token is for, by its number in `tokenizer.ggml.token_type`.
enum class TokenType : uint8_t {
  Undefined = 0,
  Normal = 1,
  Unknown = 2,
  Control = 3,
  UserDefined = 4,
  Unused = 5,
  Byte = 6
};

/// What a vocabulary is made of. Texts are views: of a mapped file, or of `owner`.
struct VocabularyParts {
  std::vector<std::string_view> texts; ///< by id; empty where an id isn't used
  std::vector<TokenType> types;
  std::vector<bool> added; ///< tokens that the model itself doesn't know; empty if there are none
  std::shared_ptr<const void> owner;
  bool lastOfEqual = false; ///< which of two tokens with one text is found: otherwise that is an error
};

/// Tokens of a model. Lean on purpose: 17 bytes a token and an open-addressing table of ids, no copies of the texts.
class Vocabulary {
public:
  static constexpr int32_t none = -1;
  static constexpr size_t maximumTokens = size_t(1) << 24;

  /// Reads `tokenizer.ggml.tokens` and `token_type`; the file must outlive the result. Errors (BadModel): a missing or
  /// mistyped array, arrays of different length, a text twice.
  static Expected<Vocabulary> read(const GgufFile &file);
  /// `where` stands in errors for the file.
  static Expected<Vocabulary> create(VocabularyParts parts, const std::string &where);
  /// Reads the `*_token_id` keys and collects the ends of generation. Errors (BadModel): an id out of range.
  Status readSpecials(const GgufFile &file);

  size_t size() const { return parts.texts.size(); }
  bool contains(int64_t id) const { return id >= 0 && static_cast<uint64_t>(id) < size(); }
  /// The text as the file has it (byte-level vocabularies: in the printable alphabet). `id` must be in range.
  std::string_view text(int32_t id) const { return parts.texts[id]; }
  TokenType type(int32_t id) const { return parts.types[id]; }
  /// Whether the model knows the token, not only the list of added ones.
  bool isOfModel(int32_t id) const { return parts.added.empty() || !parts.added[id]; }
  /// Control, unknown and user-defined tokens stand for their text as written; others are spelled in the model's way.
  bool isVerbatim(int32_t id) const {
    return type(id) == TokenType::Control || type(id) == TokenType::Unknown || type(id) == TokenType::UserDefined;
  }
  /// The id of the model's token whose text is `left` followed by `right`, or none.
  int32_t find(std::string_view left, std::string_view right = {}) const;
  /// As find, among added tokens too.
  int32_t findAny(std::string_view text) const;
  size_t longestText() const { return longest; }
  bool endsGeneration(int32_t id) const;

  int32_t bos = none, eos = none, unknown = none, separator = none, padding = none, mask = none, classify = none;

private:
  Status index(const std::string &where);
  void collectEnds(const GgufFile &file);

  VocabularyParts parts;
  std::vector<int32_t> slots; ///< open addressing, a power of two, at most half full
  std::vector<int32_t> addedIds, ends;
  size_t longest = 0;
};

} // namespace ph
