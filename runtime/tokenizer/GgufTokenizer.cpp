#include "runtime/tokenizer/GgufTokenizer.h"
#include "runtime/base/Quote.h"
#include "runtime/tokenizer/PreTokenizer.h"
#include <algorithm>
#include <cmath>

namespace ph {
namespace {

constexpr std::string_view metaspace = "\xE2\x96\x81"; // U+2581 ▁

/// Reads the keys of one file.
class Reader {
public:
  explicit Reader(const GgufFile &file) : file(file) {}

  Expected<TokenizerParts> read() {
    auto model = string("tokenizer.ggml.model", ""), pre = string("tokenizer.ggml.pre", "default");
    if (!model || !pre)
      return bad("keys 'tokenizer.ggml.model' and 'tokenizer.ggml.pre' must be strings");
    if (model->empty())
      return bad("no key 'tokenizer.ggml.model': the file has no tokenizer; convert the model with its tokenizer");
    struct Kind {
      const char *name;
      Status (Reader::*read)();
    };
    for (Kind kind : {Kind{"gpt2", &Reader::byteLevel}, Kind{"llama", &Reader::sentencePiece},
                      Kind{"t5", &Reader::unigram}, Kind{"bert", &Reader::wordPiece}}) {
      if (*model != kind.name)
        continue;
      auto vocabulary = Vocabulary::read(file);
      if (!vocabulary)
        return vocabulary.error();
      parts.vocabulary = std::make_unique<Vocabulary>(std::move(*vocabulary));
      preName = pre->empty() ? "default" : *pre;
      if (auto e = parts.vocabulary->readSpecials(file))
        return e.error();
      if (auto e = findAdded())
        return e.error();
      if (auto e = (this->*kind.read)())
        return e.error();
      return std::move(parts);
    }
    return bad("tokenizer model " + quoteText(*model) +
               " is not supported; 'gpt2' (byte-level BPE), 'llama' (SentencePiece BPE), 't5' (unigrams) and 'bert' "
               "(WordPiece) are");
  }

private:
  Error bad(std::string what) const { return {ErrorCode::BadModel, file.path() + ": " + std::move(what)}; }

  std::optional<std::string> string(const char *key, std::string_view absent) const {
    const GgufValue *value = file.find(key);
    auto text = value ? value->asString() : std::optional(absent);
    return text ? std::optional(std::string(*text)) : std::nullopt;
  }

  Expected<bool> boolean(const char *key, bool absent) const {
    const GgufValue *value = file.find(key);
    auto flag = value ? value->asBool() : std::optional(absent);
    if (!flag)
      return bad(std::string("key '") + key + "' must be a boolean");
    return *flag;
  }

  Status findAdded() {
    // SentencePiece finds user-defined pieces in the text that it has normalized as a whole; llama.cpp, and who writes
    // files for it, in the text as it is.
    auto normalized = boolean(sentencePieceKey, false);
    if (!normalized)
      return normalized.error();
    std::vector<TokenType> types = {TokenType::Control, TokenType::Unknown}, more;
    (*normalized ? more : types).push_back(TokenType::UserDefined);
    auto asWritten = AddedTokens::of(*parts.vocabulary, types), others = AddedTokens::of(*parts.vocabulary, more);
    if (!asWritten || !others)
      return bad((asWritten ? others : asWritten).error().message);
    parts.added = std::move(*asWritten);
    parts.addedNormalized = std::move(*others);
    parts.decodesAdded = *normalized;
    return {};
  }

  /// The tokens around a text: `first` and `last`, where the file or, if it says nothing, the default wants them.
  Status around(int32_t first, bool firstByDefault, int32_t last, const char *lastKey, bool lastByDefault) {
    struct Place {
      const char *key;
      int32_t id;
      bool byDefault;
      std::vector<int32_t> &ids;
    };
    for (Place place : {Place{"tokenizer.ggml.add_bos_token", first, firstByDefault, parts.before},
                        Place{lastKey, last, lastByDefault, parts.after}}) {
      auto wanted = boolean(place.key, place.byDefault && place.id != Vocabulary::none);
      if (!wanted)
        return wanted.error();
      if (*wanted && place.id == Vocabulary::none)
        return bad(std::string("key '") + place.key + "' is true, but the file names no such token");
      if (*wanted)
        place.ids.push_back(place.id);
    }
    return {};
  }

  /// One finite score for each token.
  Expected<std::vector<double>> scores() const {
    const GgufValue *value = file.find("tokenizer.ggml.scores");
    auto numbers = value && value->isArray() ? value->asNumbers() : std::nullopt;
    if (!numbers)
      return bad("key 'tokenizer.ggml.scores' must be an array of numbers");
    if (numbers->size() != parts.vocabulary->size())
      return bad("key 'tokenizer.ggml.scores' has " + std::to_string(numbers->size()) + " entries, but there are " +
                 std::to_string(parts.vocabulary->size()) + " tokens");
    for (double number : *numbers)
      if (!std::isfinite(number))
        return bad("key 'tokenizer.ggml.scores' has an entry that is not finite");
    return std::move(*numbers);
  }

  Status byteLevel() {
    const PreTokenizerSpec *spec = findPreTokenizer(preName);
    if (!spec)
      return bad("unknown pre-tokenizer " + quoteText(preName) + " in key 'tokenizer.ggml.pre'");
    auto splitters = makeSplitters(*spec);
    if (!splitters)
      return splitters.error();
    parts.splitters = std::move(*splitters);
    const std::string key = "key 'tokenizer.ggml.merges'";
    const GgufValue *value = file.find("tokenizer.ggml.merges");
    if (!value)
      return bad(key + " is missing; byte-pair encoding needs it");
    auto lines = value->isArray() ? value->asStrings() : std::nullopt;
    if (!lines)
      return bad(key + " must be an array of strings");
    if (lines->size() > Vocabulary::maximumTokens)
      return bad(key + " has " + std::to_string(lines->size()) + " entries; at most 16777216 are accepted");
    std::vector<MergePair> merges;
    merges.reserve(lines->size());
    for (std::string_view line : *lines) {
      const size_t space = line.find(' ', 1);
      if (line.empty() || space == std::string_view::npos || space + 1 == line.size())
        return bad(key + ": entry " + std::to_string(merges.size()) + " is not two parts with a space between");
      merges.push_back({line.substr(0, space), line.substr(space + 1)});
    }
    BytePairOptions options;
    options.rawBytes = true;
    options.wholeWordsFirst = spec->wholeWordsFirst;
    auto model = makeBytePairModel(*parts.vocabulary, merges, options, file.path() + ": " + key);
    if (!model)
      return model.error();
    parts.model = std::move(*model);
    parts.decoders.push_back(decodeSpelledBytes());
    return around(parts.vocabulary->bos, spec->addBos, parts.vocabulary->eos, "tokenizer.ggml.add_eos_token", false);
  }

  Status sentencePiece() {
    auto numbers = scores();
    if (!numbers)
      return numbers.error();
    if (auto e = pieces(/*removeExtraByDefault=*/false))
      return e;
    std::vector<float> narrow(numbers->begin(), numbers->end());
    parts.model = makeScoredPairModel(*parts.vocabulary, std::move(narrow), unknownToken());
    return around(parts.vocabulary->bos, true, parts.vocabulary->eos, "tokenizer.ggml.add_eos_token", false);
  }

  Status unigram() {
    auto numbers = scores();
    if (!numbers)
      return numbers.error();
    if (auto e = pieces(/*removeExtraByDefault=*/true))
      return e;
    // Only pieces of text count for what an unknown character costs; control tokens have a score of 0.
    UnigramOptions options;
    options.unknown = unknownToken();
    options.singlePrecision = true;
    options.byteFallback = parts.vocabulary->find("<0x00>") != Vocabulary::none;
    auto model = makeUnigramModel(*parts.vocabulary, std::move(*numbers), options);
    if (!model)
      return bad(model.error().message);
    parts.model = std::move(*model);
    return around(parts.vocabulary->bos, false, parts.vocabulary->eos, "tokenizer.ggml.add_eos_token", true);
  }

  int32_t unknownToken() const {
    if (parts.vocabulary->unknown != Vocabulary::none)
      return parts.vocabulary->unknown;
    for (size_t i = 0; i < parts.vocabulary->size(); ++i)
      if (parts.vocabulary->type(static_cast<int32_t>(i)) == TokenType::Unknown)
        return static_cast<int32_t>(i);
    return Vocabulary::none;
  }

  /// What SentencePiece's models have in common: how text and spaces are written.
  Status pieces(bool removeExtraByDefault) {
    auto prefix = boolean("tokenizer.ggml.add_space_prefix", true),
         extra = boolean("tokenizer.ggml.remove_extra_whitespaces", removeExtraByDefault);
    if (!prefix || !extra)
      return prefix ? extra.error() : prefix.error();
    std::unique_ptr<CharacterMap> map;
    if (const GgufValue *value = file.find("tokenizer.ggml.precompiled_charsmap")) {
      const bool bytes =
          value->isArray() && (value->elementType() == GgufType::U8 || value->elementType() == GgufType::I8);
      auto parsed = CharacterMap::parse(
          {reinterpret_cast<const char *>(value->rawBytes().data()), bytes ? value->rawBytes().size() : 0});
      if (!parsed)
        return bad("key 'tokenizer.ggml.precompiled_charsmap': " + parsed.error().message);
      map = std::make_unique<CharacterMap>(std::move(*parsed));
    }
    parts.normalizers.push_back(normalizeAsSentencePiece(std::move(map), {*prefix, *extra}));
    parts.decoders.push_back(decodeByteTokens());
    parts.decoders.push_back(
        decodeMetaspace(std::string(metaspace), *prefix ? FirstSpaces::DropOne : FirstSpaces::Keep));
    return {};
  }

  Status wordPiece() {
    const Vocabulary &words = *parts.vocabulary;
    // The files don't say whether capitals stay; a vocabulary that has none was made without.
    BertOptions options;
    options.lowercase = options.stripAccents = !hasCapitals();
    parts.normalizers.push_back(normalizeAsBert(options));
    parts.splitters.push_back(splitByCharacter(unicode::isWhitespace, SplitBehavior::Removed));
    parts.splitters.push_back(splitByCharacter(unicode::isPunctuation, SplitBehavior::Isolated));
    WordPieceOptions pieces;
    pieces.starting = metaspace;
    pieces.unknown = unknownToken();
    auto model = makeWordPieceModel(words, pieces);
    if (!model)
      return bad(model.error().message);
    parts.model = std::move(*model);
    parts.decoders.push_back(decodeMetaspace(std::string(metaspace), FirstSpaces::DropOne));
    const int32_t first = words.classify != Vocabulary::none ? words.classify : words.bos;
    return around(first, true, words.separator, "tokenizer.ggml.add_sep_token", true);
  }

  bool hasCapitals() const {
    for (size_t i = 0; i < parts.vocabulary->size(); ++i)
      if (const auto id = static_cast<int32_t>(i); parts.vocabulary->type(id) == TokenType::Normal) {
        const std::string_view text = parts.vocabulary->text(id);
        if (text.starts_with(metaspace) && text.size() > metaspace.size() + 1 &&
            std::all_of(text.begin() + metaspace.size(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
          return true;
      }
    return false;
  }

  const GgufFile &file;
  std::string preName;
  TokenizerParts parts;
};

} // namespace

Expected<TokenizerParts> readGgufTokenizer(const GgufFile &file) { return Reader(file).read(); }

} // namespace ph
