// The vocabulary of a GGUF's tokenizer: texts, types, special ids, and text → id, as views of the mapped file.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/formats/Gguf.h"
#include <cstdint>
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

/// Tokens of a model. Lean on purpose: 17 bytes a token and an open-addressing table of ids, no copies of the texts.
class Vocabulary {
public:
  static constexpr int32_t none = -1;

  /// Reads `tokenizer.ggml.tokens`, `token_type` and the `*_token_id` keys. The file must outlive the result.
  /// Errors (BadModel): a missing or mistyped array, arrays of different length, a text twice, an id out of range.
  static Expected<Vocabulary> read(const GgufFile &file);

  size_t size() const { return texts.size(); }
  bool contains(int64_t id) const { return id >= 0 && static_cast<uint64_t>(id) < texts.size(); }
  /// The text as the file has it (byte-level vocabularies: in the printable alphabet). `id` must be in range.
  std::string_view text(int32_t id) const { return texts[id]; }
  TokenType type(int32_t id) const { return types[id]; }
  /// Control, unknown and user-defined tokens stand for their text as written; others are spelled in the model's way.
  bool isVerbatim(int32_t id) const {
    return types[id] == TokenType::Control || types[id] == TokenType::Unknown || types[id] == TokenType::UserDefined;
  }
  /// The id whose text is `left` followed by `right`, or none.
  int32_t find(std::string_view left, std::string_view right = {}) const;
  size_t longestText() const { return longest; }
  bool endsGeneration(int32_t id) const;

  int32_t bos = none, eos = none, unknown = none, separator = none, padding = none, mask = none;

private:
  Status index(const GgufFile &file);
  Status readSpecials(const GgufFile &file);
  void collectEnds(const GgufFile &file);

  std::vector<std::string_view> texts;
  std::vector<TokenType> types;
  std::vector<int32_t> slots; ///< open addressing, a power of two, at most half full
  std::vector<int32_t> ends;
  size_t longest = 0;
};

} // namespace ph
