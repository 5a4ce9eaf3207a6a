// Text to token ids and back, as the model's file says.
#pragma once
#include "runtime/tokenizer/SpecialTokens.h"
#include "runtime/tokenizer/Vocabulary.h"
#include <memory>
#include <span>

namespace ph {

struct EncodeOptions {
  bool addSpecial = true;   ///< add BOS and EOS where the model wants them
  bool parseSpecial = true; ///< control tokens written out in the text become those tokens
};

/// A model's tokenizer. Immutable after creation, so one may serve many threads.
class Tokenizer {
public:
  /// Makes the tokenizer that `tokenizer.ggml.model` and `tokenizer.ggml.pre` name. `file` must outlive it: texts are
  /// views. Errors: BadModel, naming the key (a kind or pre-tokenizer that isn't known, arrays that don't fit each
  /// other).
  static Expected<std::unique_ptr<Tokenizer>> create(const GgufFile &file);
  virtual ~Tokenizer() = default;

  /// Ids of `text`, which may be any bytes. Errors: Failed when a byte has no token, or the text is beyond the limits.
  Expected<std::vector<int32_t>> encode(std::string_view text, EncodeOptions options = {}) const;
  /// Bytes of `ids`, verbatim and possibly not UTF-8; ids out of range give nothing. Control tokens only with
  /// `special`.
  std::string decode(std::span<const int32_t> ids, bool special = true) const;
  /// Appends the bytes of one token to `out`.
  void appendBytes(int32_t id, std::string &out, bool special = true) const;

  const Vocabulary &vocabulary() const { return words; }
  bool addsBos() const { return bosAdded; }
  bool addsEos() const { return eosAdded; }
  /// Text of BOS and EOS, for chat templates; empty where the model has none.
  std::string_view bosText() const {
    return words.bos == Vocabulary::none ? std::string_view() : words.text(words.bos);
  }
  std::string_view eosText() const {
    return words.eos == Vocabulary::none ? std::string_view() : words.text(words.eos);
  }

protected:
  Tokenizer(Vocabulary vocabulary, SpecialTokens special)
      : words(std::move(vocabulary)), specials(std::move(special)) {}
  /// Appends the ids of a text without special tokens. `first`: the text stands at the beginning of the input.
  virtual Status encodeText(std::string_view text, bool first, std::vector<int32_t> &out) const = 0;
  /// Appends what a token that isn't verbatim stands for.
  virtual void appendText(int32_t id, std::string &out) const = 0;

  Vocabulary words;

private:
  Status setAdded(const GgufFile &file, bool bosByDefault);

  SpecialTokens specials;
  bool bosAdded = false, eosAdded = false;
};

} // namespace ph
