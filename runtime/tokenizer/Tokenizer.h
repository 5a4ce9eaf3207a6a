// Text to token ids and back, as the model's file says.
#pragma once
#include "runtime/tokenizer/AddedTokens.h"
#include "runtime/tokenizer/TokenDecoder.h"
#include "runtime/tokenizer/Vocabulary.h"
#include "runtime/tokenizer/models/SubwordModel.h"
#include "runtime/tokenizer/normalizers/Normalizer.h"
#include "runtime/tokenizer/splitters/Splitter.h"
#include <memory>
#include <span>

namespace ph {

struct EncodeOptions {
  bool addSpecial = true;   ///< add BOS and EOS where the model wants them
  bool parseSpecial = true; ///< control tokens written out in the text become those tokens
};

/// Two texts as one input of a model.
struct TokenPair {
  std::vector<int32_t> ids, types; ///< of each token, which text it is of, as the model is told (`token_type_ids`)
};

/// What stands in a template of two texts: one of them, or a special token.
struct PairPiece {
  int text = -1; ///< 0 and 1; -1 for a token
  int32_t id = -1, type = 0;
};

/// What a tokenizer is put together from.
struct TokenizerParts {
  std::unique_ptr<Vocabulary> vocabulary; ///< at a fixed address: the model refers to it
  AddedTokens added;                      ///< found in the text as it is
  AddedTokens addedNormalized;            ///< found in the normalized text
  Normalizers normalizers;
  Splitters splitters;
  std::unique_ptr<SubwordModel> model;
  TokenDecoders decoders;
  bool decodesAdded = false;          ///< whether the decoders see tokens that stand for their text
  std::vector<int32_t> before, after; ///< the special tokens around a text
  std::vector<PairPiece> pair;        ///< two texts with what stands around them; empty where nothing says so
};

/// A model's tokenizer. Immutable after creation, so one may serve many threads.
class Tokenizer {
public:
  /// Makes the tokenizer that `tokenizer.ggml.model` and `tokenizer.ggml.pre` name; without these keys, the one that
  /// `tokenizer.huggingface.json` holds (the text of a tokenizer.json). `file` must outlive it: texts are views.
  /// Errors: BadModel, naming the key (a kind or pre-tokenizer that isn't known, arrays that don't fit each other).
  static Expected<std::unique_ptr<Tokenizer>> create(const GgufFile &file);
  /// Whether `file` has a tokenizer at all.
  static bool isIn(const GgufFile &file);
  explicit Tokenizer(TokenizerParts parts) : parts(std::move(parts)) {}

  /// Ids of `text`, which may be any bytes. Errors: Failed when the text is beyond the limits.
  Expected<std::vector<int32_t>> encode(std::string_view text, EncodeOptions options = {}) const;
  /// Two texts in the tokenizer's template for them. Errors: as encode; Usage where it has none.
  Expected<TokenPair> encodePair(std::string_view first, std::string_view second) const;
  /// Bytes of `ids`, possibly not UTF-8; ids out of range give nothing. Control tokens only with `special`.
  std::string decode(std::span<const int32_t> ids, bool special = true) const;
  /// Appends the bytes of one token to `out`, as they are after what `state` has seen.
  void appendBytes(int32_t id, DecodeState &state, std::string &out, bool special = true) const;

  const Vocabulary &vocabulary() const { return *parts.vocabulary; }
  bool addsBos() const { return adds(vocabulary().bos, parts.before); }
  bool addsEos() const { return adds(vocabulary().eos, parts.after); }
  /// Text of BOS and EOS, for chat templates; empty where the model has none.
  std::string_view bosText() const { return textOf(vocabulary().bos); }
  std::string_view eosText() const { return textOf(vocabulary().eos); }

private:
  static bool adds(int32_t id, const std::vector<int32_t> &ids);
  std::string_view textOf(int32_t id) const {
    return id == Vocabulary::none ? std::string_view() : vocabulary().text(id);
  }

  TokenizerParts parts;
};

} // namespace ph
