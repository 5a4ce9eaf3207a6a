#include "runtime/tokenizer/huggingface/OldVocabularies.h"
#include "runtime/base/Json.h"
#include "runtime/tokenizer/PreTokenizer.h"
#include <set>

namespace ph {
namespace {

using Json = nlohmann::json;

/// Calls `line` with each line of `text`, without its end.
template <class Line> void forEachLine(std::string_view text, Line line) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    if (one.ends_with('\r'))
      one.remove_suffix(1);
    line(one);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Json addedToken(int64_t id, const std::string &text, bool stripLeft) {
  return {{"id", id},        {"content", text},     {"single_word", false}, {"lstrip", stripLeft},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

constexpr const char *specialKeys[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                       "pad_token", "cls_token", "mask_token"};

/// The special tokens that the vocabulary has, and those that the configuration adds to it.
Json addedTokens(const Json &vocabulary, const Json &config, std::set<std::string> texts) {
  for (const char *key : specialKeys)
    if (std::string text = specialText(config, key); !text.empty())
      texts.insert(text);
  Json added = Json::array();
  for (const std::string &text : texts)
    if (auto it = vocabulary.find(text); it != vocabulary.end() && it->is_number_unsigned())
      added.push_back(addedToken(it->get<int64_t>(), text, text == "<mask>"));
  if (const Json *more = jsonMember(config, "added_tokens_decoder"); more && more->is_object())
    for (const auto &[id, token] : more->items()) {
      const std::string *text = jsonString(token, "content");
      if (!text || texts.contains(*text) || id.size() > 8 || id.find_first_not_of("0123456789") != std::string::npos)
        continue;
      Json entry = addedToken(std::stoll(id), *text, jsonBool(token, "lstrip").value_or(false));
      for (const char *flag : {"single_word", "rstrip", "normalized", "special"})
        entry[flag] = jsonBool(token, flag).value_or(false);
      added.push_back(std::move(entry));
    }
  return added;
}

Json pairProcessor(const char *type, const Json &vocabulary, const std::string &first, const std::string &last) {
  if (!vocabulary.contains(first) || !vocabulary.contains(last))
    return nullptr;
  return {{"type", type}, {"cls", {first, vocabulary[first]}}, {"sep", {last, vocabulary[last]}}};
}

std::string dump(const Json &json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

} // namespace

std::string specialText(const Json &config, const char *key) {
  const Json *value = jsonMember(config, key);
  const std::string *text = value && value->is_object() ? jsonString(*value, "content") : jsonString(config, key);
  return text ? *text : "";
}

std::string fromVocabTxt(std::string_view text, const Json &config) {
  Json vocabulary = Json::object();
  uint64_t id = 0;
  forEachLine(text, [&](std::string_view line) { vocabulary[std::string(line)] = id++; });
  const bool lowercase = jsonBool(config, "do_lower_case").value_or(true);
  const Json *accents = jsonMember(config, "strip_accents");
  auto named = [&](const char *key, const char *absent) {
    std::string name = specialText(config, key);
    return name.empty() ? std::string(absent) : name;
  };
  const std::string first = named("cls_token", "[CLS]"), last = named("sep_token", "[SEP]"),
                    unknown = named("unk_token", "[UNK]");
  Json json;
  json["added_tokens"] = addedTokens(vocabulary, config, {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"});
  json["normalizer"] = {{"type", "BertNormalizer"},
                        {"handle_chinese_chars", jsonBool(config, "tokenize_chinese_chars").value_or(true)},
                        {"strip_accents", accents && accents->is_boolean() ? *accents : Json()},
                        {"lowercase", lowercase}};
  json["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  json["post_processor"] = pairProcessor("BertProcessing", vocabulary, first, last);
  json["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  json["model"] = {{"type", "WordPiece"}, {"unk_token", unknown}, {"vocab", std::move(vocabulary)}};
  return dump(json);
}

Expected<std::string> fromVocabJson(std::string_view text, std::string_view merges, const Json &config,
                                    const std::string &what) {
  auto vocabulary = parseJson(text, what);
  if (!vocabulary)
    return vocabulary.error();
  if (!vocabulary->is_object())
    return Error{ErrorCode::BadModel, what + ": is no object of texts and ids"};
  Json pairs = Json::array();
  forEachLine(merges, [&](std::string_view line) {
    if (!line.empty() && !line.starts_with("#version"))
      pairs.push_back(std::string(line));
  });
  const std::string *name = jsonString(config, "tokenizer_class");
  const std::string kind = name ? name->substr(0, name->find("Tokenizer")) : "";
  const bool prefixed = jsonBool(config, "add_prefix_space").value_or(false);
  Json json, model = {{"type", "BPE"}, {"merges", std::move(pairs)}}, step = {{"type", "ByteLevel"}};
  step["add_prefix_space"] = prefixed;
  json["decoder"] = {{"type", "ByteLevel"}};
  if (kind == "CLIP") {
    json["normalizer"] = {{"type", "Sequence"},
                          {"normalizers",
                           {{{"type", "NFC"}},
                            {{"type", "Replace"}, {"pattern", {{"Regex", "\\s+"}}}, {"content", " "}},
                            {{"type", "Lowercase"}}}}};
    constexpr const char *pattern =
        R"re(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)re";
    step["use_regex"] = true;
    json["pre_tokenizer"] = {
        {"type", "Sequence"},
        {"pretokenizers",
         {{{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Removed"}, {"invert", true}}, step}}};
    json["decoder"] = {
        {"type", "Sequence"},
        {"decoders",
         {{{"type", "ByteLevel"}}, {{"type", "Replace"}, {"pattern", {{"String", "</w>"}}}, {"content", " "}}}}};
    model["end_of_word_suffix"] = "</w>";
    model["unk_token"] = "<|endoftext|>";
    json["post_processor"] = pairProcessor("RobertaProcessing", *vocabulary, "<|startoftext|>", "<|endoftext|>");
  } else if (kind == "Qwen2") {
    json["normalizer"] = {{"type", "NFC"}};
    step["use_regex"] = false;
    json["pre_tokenizer"] = {{"type", "Sequence"},
                             {"pretokenizers",
                              {{{"type", "Split"},
                                {"pattern", {{"Regex", findPreTokenizer("qwen2")->patterns.front()}}},
                                {"behavior", "Isolated"},
                                {"invert", false}},
                               step}}};
  } else {
    json["pre_tokenizer"] = step;
    if (kind == "Roberta" || kind == "Bart" || kind == "Longformer" || kind == "LED")
      json["post_processor"] = pairProcessor("RobertaProcessing", *vocabulary, "<s>", "</s>");
  }
  json["added_tokens"] = addedTokens(*vocabulary, config, {});
  model["vocab"] = std::move(*vocabulary);
  json["model"] = std::move(model);
  return dump(json);
}

} // namespace ph
