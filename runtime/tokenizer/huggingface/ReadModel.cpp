#include "runtime/tokenizer/huggingface/ReadSteps.h"
#include <cmath>
#include <list>
#include <map>

namespace ph {
namespace {

class ModelReader {
public:
  ModelReader(const JsonFields &whole, bool rawBytes, TokenizerParts &parts)
      : whole(whole), model(whole.object("model")), rawBytes(rawBytes), parts(parts) {}

  void read() {
    type = model.string("type", inferredType());
    if (type == "Unigram")
      readPieces();
    else
      readVocabulary();
    readAdded();
    if (model.failed())
      return;
    makeVocabulary();
    if (model.failed())
      return;
    auto made = make();
    if (made)
      parts.model = std::move(*made);
    else
      model.fail("", ": " + made.error().message);
    if (!model.failed())
      findAdded();
  }

private:
  /// Files from before models had types.
  const char *inferredType() const {
    const nlohmann::json *vocabulary = model.find("vocab");
    return vocabulary && vocabulary->is_array()     ? "Unigram"
           : model.has("merges")                    ? "BPE"
           : model.has("continuing_subword_prefix") ? "WordPiece"
                                                    : "WordLevel";
  }

  /// Notes a token; false if the id is out of bounds.
  bool put(int64_t id, std::string_view text) {
    if (id < 0 || id >= int64_t(Vocabulary::maximumTokens))
      return false;
    const auto index = static_cast<size_t>(id);
    // A gap in the ids costs memory, so that it must not be much larger than what is there.
    if (index >= texts.size()) {
      if (index > entries * 2 + (size_t(1) << 16))
        return false;
      texts.resize(index + 1);
      types.resize(index + 1, TokenType::Normal);
      added.resize(index + 1, false);
    }
    texts[index] = text;
    return true;
  }

  void readVocabulary() {
    const nlohmann::json *vocabulary = model.find("vocab");
    if (!vocabulary || !vocabulary->is_object())
      return model.fail("vocab", "must be an object of texts and ids");
    entries = vocabulary->size();
    texts.reserve(vocabulary->size());
    types.reserve(vocabulary->size());
    for (const auto &[text, id] : vocabulary->items()) {
      if (!id.is_number_unsigned() || id.get<uint64_t>() >= Vocabulary::maximumTokens || !put(id.get<int64_t>(), text))
        return model.fail("vocab", "has for " + quoteText(text) + " no id, or one far beyond the number of tokens");
    }
  }

  void readPieces() {
    const nlohmann::json *vocabulary = model.find("vocab");
    if (!vocabulary || !vocabulary->is_array() || vocabulary->size() > Vocabulary::maximumTokens)
      return model.fail("vocab", "must be an array of texts and scores");
    entries = vocabulary->size();
    for (const nlohmann::json &each : *vocabulary) {
      if (!each.is_array() || each.size() != 2 || !each[0].is_string() || !each[1].is_number() ||
          !std::isfinite(each[1].get<double>()))
        return model.fail("vocab",
                          "must be an array of texts and scores; entry " + std::to_string(texts.size()) + " is not");
      scores.push_back(each[1].get<double>());
      put(static_cast<int64_t>(texts.size()), each[0].get_ref<const std::string &>());
    }
  }

  struct Added {
    AddedToken token;
    bool normalized;
  };

  void readAdded() {
    ofModel = texts.size();
    std::map<std::string_view, int32_t> known;
    for (size_t i = 0; i < texts.size(); ++i)
      known[texts[i]] = static_cast<int32_t>(i);
    const std::vector<JsonFields> all = whole.objects("added_tokens");
    entries += all.size();
    for (const JsonFields &fields : all) {
      AddedToken token;
      token.text = fields.requiredString("content");
      token.id = static_cast<int32_t>(fields.integer("id", -1, 0, int64_t(Vocabulary::maximumTokens) - 1));
      token.singleWord = fields.boolean("single_word", false);
      token.stripLeft = fields.boolean("lstrip", false);
      token.stripRight = fields.boolean("rstrip", false);
      const bool special = fields.boolean("special", false);
      token.always = !special;
      const bool normalized = fields.boolean("normalized", !special);
      if (fields.failed())
        return;
      if (token.text.empty())
        continue;
      if (auto it = known.find(token.text); it != known.end())
        token.id = it->second;
      const bool free = token.id >= 0 && (static_cast<size_t>(token.id) >= texts.size() || texts[token.id].empty());
      list.push_back({std::move(token), normalized});
      const AddedToken &kept = list.back().token;
      if (free) {
        if (!put(kept.id, kept.text))
          return fields.fail("id", "is far beyond the number of tokens");
        added[kept.id] = true;
      } else if (kept.id < 0 || texts[kept.id] != kept.text) {
        return fields.fail("id", "is that of another token");
      }
      types[kept.id] = special ? TokenType::Control : TokenType::UserDefined;
    }
  }

  void makeVocabulary() {
    // The views so far are of the JSON, which goes; these are of one string that stays.
    auto owner = std::make_shared<std::string>();
    size_t bytes = 0;
    for (std::string_view text : texts)
      bytes += text.size();
    owner->reserve(bytes);
    for (std::string_view &text : texts) {
      const size_t begin = owner->size();
      owner->append(text);
      text = std::string_view(owner->data() + begin, text.size());
    }
    VocabularyParts made;
    made.texts = std::move(texts);
    made.types = std::move(types);
    made.added = std::move(added);
    made.owner = std::move(owner);
    made.lastOfEqual = true;
    if (made.texts.empty())
      return model.fail("vocab", "is empty");
    auto vocabulary = Vocabulary::create(std::move(made), "model.vocab");
    if (!vocabulary)
      return model.fail("vocab", ": " + vocabulary.error().message);
    parts.vocabulary = std::make_unique<Vocabulary>(std::move(*vocabulary));
  }

  int32_t unknown(const char *absent) const { return parts.vocabulary->find(model.string("unk_token", absent)); }

  Expected<std::unique_ptr<SubwordModel>> make() {
    if (type == "BPE")
      return makeBytePairs();
    if (type == "WordPiece") {
      WordPieceOptions options;
      options.unknown = unknown("[UNK]");
      options.continuing = model.string("continuing_subword_prefix", "##");
      options.mostCharacters = static_cast<size_t>(model.integer("max_input_chars_per_word", 100, 0, INT64_MAX));
      return makeWordPieceModel(*parts.vocabulary, options);
    }
    if (type == "WordLevel")
      return makeWordLevelModel(*parts.vocabulary, unknown("<unk>"));
    if (type == "Unigram") {
      UnigramOptions options;
      options.unknown =
          static_cast<int32_t>(model.integer("unk_id", Vocabulary::none, 0, int64_t(std::max<size_t>(ofModel, 1)) - 1));
      options.byteFallback = model.boolean("byte_fallback", false);
      scores.resize(parts.vocabulary->size(), 0);
      return makeUnigramModel(*parts.vocabulary, std::move(scores), options);
    }
    model.unknownType(type, "BPE, Unigram, WordPiece and WordLevel");
    return std::unique_ptr<SubwordModel>();
  }

  Expected<std::unique_ptr<SubwordModel>> makeBytePairs() {
    std::vector<MergePair> merges;
    const nlohmann::json *list = model.find("merges");
    if (list && (!list->is_array() || list->size() > Vocabulary::maximumTokens)) {
      model.fail("merges", "must be an array of pairs");
      return std::unique_ptr<SubwordModel>();
    }
    if (list)
      for (const nlohmann::json &each : *list) {
        auto pair = readMerge(each);
        if (!pair) {
          model.fail("merges", "has an entry, number " + std::to_string(merges.size()) + ", that is no pair");
          return std::unique_ptr<SubwordModel>();
        }
        merges.push_back(*pair);
      }
    const nlohmann::json *dropout = model.find("dropout");
    if (dropout && !(dropout->is_number() && dropout->get<double>() == 0))
      model.fail("dropout", "is not supported: it makes tokens random, which is for training");
    BytePairOptions options;
    options.rawBytes = rawBytes;
    options.wholeWordsFirst = model.boolean("ignore_merges", false);
    options.byteFallback = model.boolean("byte_fallback", false);
    options.fuseUnknown = model.boolean("fuse_unk", false);
    options.unknown = model.has("unk_token") ? unknown("") : Vocabulary::none;
    options.continuing = model.string("continuing_subword_prefix", "");
    options.ending = model.string("end_of_word_suffix", "");
    options.lastOfEqual = true;
    return makeBytePairModel(*parts.vocabulary, merges, options, "merges");
  }

  /// "a b" or ["a", "b"].
  static std::optional<MergePair> readMerge(const nlohmann::json &json) {
    if (json.is_array() && json.size() == 2 && json[0].is_string() && json[1].is_string())
      return MergePair{json[0].get_ref<const std::string &>(), json[1].get_ref<const std::string &>()};
    if (!json.is_string())
      return std::nullopt;
    const std::string_view line = json.get_ref<const std::string &>();
    const size_t space = line.find(' ', 1);
    if (line.empty() || space == std::string_view::npos || space + 1 == line.size())
      return std::nullopt;
    return MergePair{line.substr(0, space), line.substr(space + 1)};
  }

  void findAdded() {
    std::vector<AddedToken> asWritten, asNormalized;
    RegexScratch scratch;
    for (Added &each : list) {
      if (each.normalized) {
        auto text = normalize(parts.normalizers, each.token.text, scratch);
        if (!text)
          return model.fail("", ": " + text.error().message);
        each.token.text = std::move(text->text);
      }
      (each.normalized ? asNormalized : asWritten).push_back(std::move(each.token));
    }
    auto written = AddedTokens::create(std::move(asWritten)), normalized = AddedTokens::create(std::move(asNormalized));
    if (!written || !normalized)
      return whole.fail("added_tokens", ": " + (written ? normalized : written).error().message);
    parts.added = std::move(*written);
    parts.addedNormalized = std::move(*normalized);
  }

  const JsonFields &whole;
  const JsonFields model;
  const bool rawBytes;
  TokenizerParts &parts;
  std::string type;
  std::vector<std::string_view> texts; ///< of the JSON, by id
  std::vector<TokenType> types;
  std::vector<bool> added;
  std::vector<double> scores;
  size_t ofModel = 0, entries = 0;
  std::list<Added> list; ///< views of these stay
};

} // namespace

void readModel(const JsonFields &whole, bool rawBytes, TokenizerParts &parts) {
  ModelReader(whole, rawBytes, parts).read();
}

} // namespace ph
