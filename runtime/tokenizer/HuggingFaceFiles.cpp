#include "runtime/tokenizer/HuggingFaceFiles.h"
#include "runtime/base/Json.h"
#include "runtime/base/Quote.h"
#include "runtime/tokenizer/GgufTokenizer.h"
#include "runtime/tokenizer/Vocabulary.h"
#include "runtime/tokenizer/huggingface/OldVocabularies.h"
#include "runtime/tokenizer/huggingface/SentencePieceModel.h"
#include "runtime/tokenizer/huggingface/TokenizerJson.h"
#include <filesystem>
#include <unordered_map>

namespace ph {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string_view textOf(const MappedFile &file) {
  return {reinterpret_cast<const char *>(file.bytes().data()), file.bytes().size()};
}

class FolderReader {
public:
  FolderReader(std::string path, GgufRecords &records) : path(std::move(path)), records(records) {}

  Status read() {
    std::error_code ignored;
    const bool isFolder = fs::is_directory(path, ignored);
    folder = isFolder ? path : fs::path(path).parent_path().string();
    if (folder.empty())
      folder = ".";
    std::string tokenizer = isFolder ? "" : fs::path(path).filename().string();
    if (isFolder)
      for (const char *name : {"tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json"})
        if (tokenizer.empty() && fs::exists(file(name), ignored))
          tokenizer = name;
    // A lone file is taken as it is; its neighbours may be of another model.
    for (auto [name, into] : {std::pair("tokenizer_config.json", &config), std::pair("special_tokens_map.json", &map),
                              std::pair("generation_config.json", &generation), std::pair("config.json", &modelConfig)})
      if (Status e = isFolder ? readJson(name, *into) : Status())
        return e;
    if (!tokenizer.empty())
      if (Status e = readTokenizer(tokenizer))
        return e;
    if (!isFolder)
      return {};
    if (!tokenizer.empty())
      addIds();
    return addTemplate();
  }

private:
  std::string file(const std::string &name) const { return folder + "/" + name; }

  /// An object; empty if there is no such file.
  Status readJson(const char *name, Json &into) {
    into = Json::object();
    std::error_code ignored;
    if (!fs::exists(file(name), ignored))
      return {};
    auto mapped = MappedFile::open(file(name));
    if (!mapped)
      return mapped.error();
    auto json = parseJson(textOf(*mapped), file(name));
    if (!json)
      return json.error();
    if (!json->is_object())
      return Error{ErrorCode::BadModel, file(name) + ": is no JSON object"};
    into = std::move(*json);
    return {};
  }

  Status readTokenizer(const std::string &name) {
    auto mapped = MappedFile::open(file(name));
    if (!mapped)
      return mapped.error();
    const std::string_view text = textOf(*mapped);
    if (name.ends_with(".model"))
      return addSentencePiece(text, file(name));
    std::string made;
    if (name.ends_with(".txt"))
      made = fromVocabTxt(text, config);
    if (name == "vocab.json") {
      auto merges = MappedFile::open(file("merges.txt"));
      if (!merges)
        return Error{ErrorCode::BadModel, file(name) + ": needs the merges beside it: " + merges.error().message};
      auto json = fromVocabJson(text, textOf(*merges), config, file(name));
      if (!json)
        return json.error();
      made = std::move(*json);
    }
    const std::string_view whole = made.empty() ? text : std::string_view(made);
    auto json = parseJson(whole, file(name));
    if (!json)
      return json.error();
    records.string(huggingFaceKey, whole);
    noteTexts(*json);
    return {};
  }

  void note(const std::string &text, int64_t id) {
    if (id < 0 || id >= int64_t(Vocabulary::maximumTokens))
      return;
    ids.emplace(text, static_cast<uint32_t>(id));
    size = std::max(size, id + 1);
  }

  /// The ids of texts, of added tokens before others.
  void noteTexts(const Json &json) {
    if (const Json *added = jsonMember(json, "added_tokens"); added && added->is_array())
      for (const Json &token : *added)
        if (const std::string *text = jsonString(token, "content"))
          note(*text, jsonInteger(token, "id").value_or(-1));
    const Json *model = jsonMember(json, "model"), *vocabulary = model ? jsonMember(*model, "vocab") : nullptr;
    if (vocabulary && vocabulary->is_object())
      for (const auto &[text, id] : vocabulary->items())
        note(text, id.is_number_integer() ? id.get<int64_t>() : -1);
    if (vocabulary && vocabulary->is_array())
      for (size_t i = 0; i < vocabulary->size(); ++i)
        if (const Json &piece = (*vocabulary)[i]; piece.is_array() && !piece.empty() && piece[0].is_string())
          note(piece[0].get<std::string>(), int64_t(i));
  }

  Status addSentencePiece(std::string_view bytes, const std::string &what) {
    auto model = SentencePieceModel::parse(bytes, what);
    if (!model)
      return model.error();
    const std::string *name = jsonString(config, "tokenizer_class");
    for (const char *shifted : {"XLMRoberta", "Camembert", "Barthez", "MBart", "Nllb", "XGLM", "M2M100"})
      if (name && name->starts_with(shifted))
        return Error{ErrorCode::BadModel, what + ": " + *name +
                                              " numbers its tokens otherwise than this file; add the "
                                              "model's tokenizer.json"};
    std::vector<std::string_view> pieces = model->pieces;
    std::vector<float> scores = model->scores;
    std::vector<int32_t> types = model->types;
    if (const Json *more = jsonMember(config, "added_tokens_decoder"); more && more->is_object())
      for (const auto &[key, token] : more->items()) {
        const std::string *text = jsonString(token, "content");
        if (!text || key.size() > 8 || key.find_first_not_of("0123456789") != std::string::npos)
          continue;
        const auto id = static_cast<size_t>(std::stoll(key));
        if (id > pieces.size() + (1 << 16))
          return Error{ErrorCode::BadModel,
                       file("tokenizer_config.json") + ": added token " + key + " is far beyond the pieces of " + what};
        if (id >= pieces.size()) {
          pieces.resize(id + 1);
          scores.resize(id + 1);
          types.resize(id + 1, static_cast<int32_t>(TokenType::Unused));
        }
        pieces[id] = *text;
        const bool special = jsonBool(token, "special").value_or(false);
        if (types[id] != static_cast<int32_t>(TokenType::Unknown))
          types[id] = static_cast<int32_t>(special ? TokenType::Control : TokenType::UserDefined);
      }
    for (size_t i = 0; i < pieces.size(); ++i)
      if (!pieces[i].empty())
        note(std::string(pieces[i]), int64_t(i));
    records.string("tokenizer.ggml.model", model->pairs ? "llama" : "t5");
    records.strings("tokenizer.ggml.tokens", pieces);
    records.numbers("tokenizer.ggml.scores", scores);
    records.integers("tokenizer.ggml.token_type", types);
    records.boolean(sentencePieceKey, true);
    records.boolean("tokenizer.ggml.add_space_prefix", model->addPrefix);
    records.boolean("tokenizer.ggml.remove_extra_whitespaces", model->removeExtraSpaces);
    if (!model->characterMap.empty())
      records.byteArray("tokenizer.ggml.precompiled_charsmap",
                        {reinterpret_cast<const uint8_t *>(model->characterMap.data()), model->characterMap.size()});
    // What a folder says goes before what the model says.
    for (auto [key, id] : {std::pair("bos_token", model->bos), std::pair("eos_token", model->eos),
                           std::pair("unk_token", model->unknown), std::pair("pad_token", model->padding)})
      if (id >= 0 && size_t(id) < pieces.size())
        byDefault[key] = static_cast<uint32_t>(id);
    const bool t5 = name && (name->starts_with("T5") || name->starts_with("MT5"));
    const bool alone = fs::path(path) == fs::path(what);
    const bool hasBos = byDefault.contains("bos_token"), hasEos = byDefault.contains("eos_token");
    records.boolean("tokenizer.ggml.add_bos_token",
                    hasBos && jsonBool(config, "add_bos_token").value_or(!alone && !t5));
    records.boolean("tokenizer.ggml.add_eos_token", hasEos && jsonBool(config, "add_eos_token").value_or(!alone && t5));
    if (alone)
      for (const auto &[key, id] : byDefault)
        addId(key, id);
    return {};
  }

  void addId(std::string_view key, uint32_t id) {
    static constexpr std::pair<const char *, const char *> names[] = {
        {"bos_token", "tokenizer.ggml.bos_token_id"},     {"eos_token", "tokenizer.ggml.eos_token_id"},
        {"unk_token", "tokenizer.ggml.unknown_token_id"}, {"sep_token", "tokenizer.ggml.seperator_token_id"},
        {"pad_token", "tokenizer.ggml.padding_token_id"}, {"mask_token", "tokenizer.ggml.mask_token_id"},
        {"cls_token", "tokenizer.ggml.cls_token_id"},     {"second_end", "tokenizer.ggml.eot_token_id"},
        {"third_end", "tokenizer.ggml.eom_token_id"}};
    for (auto [name, record] : names)
      if (key == name)
        records.integer(record, id);
  }

  /// Where special tokens are named: by text in the tokenizer's files, by id in the model's.
  void addIds() {
    std::optional<uint32_t> eos;
    for (const char *key :
         {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "mask_token", "cls_token"}) {
      std::optional<uint32_t> id;
      for (const Json *from : {&config, &map})
        if (auto it = ids.find(specialText(*from, key)); !id && it != ids.end())
          id = it->second;
      for (const Json *from : {&generation, &modelConfig})
        if (auto number = jsonInteger(*from, (std::string(key) + "_id").c_str());
            !id && number && *number >= 0 && *number < size)
          id = static_cast<uint32_t>(*number);
      if (auto it = byDefault.find(key); !id && it != byDefault.end())
        id = it->second;
      if (!id)
        continue;
      addId(key, *id);
      if (std::string_view(key) == "eos_token")
        eos = id;
    }
    // Several ends: of a turn, of a message.
    const char *more[] = {"second_end", "third_end"};
    size_t count = 0;
    if (const Json *ends = jsonMember(generation, "eos_token_id"); ends && ends->is_array())
      for (const Json &end : *ends)
        if (end.is_number_unsigned() && end.get<uint64_t>() < uint64_t(size) && count < std::size(more) &&
            end.get<uint32_t>() != eos)
          addId(more[count++], end.get<uint32_t>());
  }

  Status addTemplate() {
    std::error_code ignored;
    if (fs::exists(file("chat_template.jinja"), ignored)) {
      auto mapped = MappedFile::open(file("chat_template.jinja"));
      if (!mapped)
        return mapped.error();
      records.string("tokenizer.chat_template", textOf(*mapped));
      return {};
    }
    Json own;
    if (Status e = readJson("chat_template.json", own))
      return e;
    for (const Json *from : {&own, &config}) {
      if (const std::string *text = jsonString(*from, "chat_template")) {
        records.string("tokenizer.chat_template", *text);
        return {};
      }
      // Several, by name.
      if (const Json *list = jsonMember(*from, "chat_template"); list && list->is_array())
        for (const Json &each : *list) {
          const std::string *name = jsonString(each, "name"), *text = jsonString(each, "template");
          if (name && text && *name == "default") {
            records.string("tokenizer.chat_template", *text);
            return {};
          }
        }
    }
    return {};
  }

  const std::string path;
  GgufRecords &records;
  std::string folder;
  Json config, map, generation, modelConfig;
  std::unordered_map<std::string, uint32_t> ids;
  std::unordered_map<std::string, uint32_t> byDefault;
  int64_t size = 0;
};

} // namespace

Status addHuggingFaceTokenizer(const std::string &path, GgufRecords &records) {
  return FolderReader(path, records).read();
}

} // namespace ph
