#include "runtime/tokenizer/huggingface/TokenizerJson.h"
#include "runtime/base/Json.h"
#include "runtime/tokenizer/huggingface/ReadSteps.h"
#include "runtime/tokenizer/unicode/CodePoints.h"

namespace ph {
namespace {

void readAll(const JsonFields &whole, TokenizerParts &parts) {
  if (whole.has("normalizer"))
    readNormalizer(whole.object("normalizer"), parts.normalizers);
  bool spellsBytes = false;
  if (whole.has("pre_tokenizer"))
    readPreTokenizer(whole.object("pre_tokenizer"), parts.splitters, spellsBytes);
  // Byte-pair encoding spells by table; other models see the spelled text.
  const bool rawBytes = spellsBytes && whole.has("model") && whole.object("model").has("merges");
  if (spellsBytes && !rawBytes)
    parts.splitters.push_back(spellBytes());
  if (whole.failed())
    return;
  readModel(whole, rawBytes, parts);
  if (whole.has("post_processor"))
    readPostProcessor(whole.object("post_processor"), parts);
  if (whole.has("decoder"))
    readDecoder(whole.object("decoder"), parts.decoders);
  else
    parts.decoders.push_back(decodeWithSpaces());
  parts.decodesAdded = !whole.has("decoder") || whole.object("decoder").string("type", "") != "ByteLevel";
}

} // namespace

JsonPattern readPattern(const JsonFields &fields) {
  JsonPattern pattern;
  const JsonFields of = fields.object("pattern");
  if (of.has("Regex")) {
    auto regex = Regex::compile(of.string("Regex", ""));
    if (regex)
      pattern.regex = std::move(*regex);
    else
      of.fail("Regex", ": " + regex.error().message);
  } else {
    pattern.text = of.requiredString("String");
  }
  return pattern;
}

std::string readCharacter(const JsonFields &fields, const char *key, const char *absent) {
  std::string text = fields.string(key, absent);
  if (text.empty() || firstCodePoint(text).length != text.size()) {
    fields.fail(key, "must be one character");
    return absent;
  }
  return text;
}

Expected<TokenizerParts> readTokenizerJson(const GgufFile &file) {
  auto text = file.find(huggingFaceKey)->asString();
  const std::string where = file.path() + ": tokenizer.json";
  if (!text)
    return Error{ErrorCode::BadModel, file.path() + ": key '" + std::string(huggingFaceKey) + "' must be a string"};
  auto json = parseJson(*text, where);
  if (!json)
    return json.error();
  Status failure;
  TokenizerParts parts;
  readAll(JsonFields(*json, "", failure), parts);
  if (failure)
    return Error{failure.error().code, where + ": " + failure.error().message};
  for (int32_t id : parts.before)
    if (!parts.vocabulary->contains(id))
      return Error{ErrorCode::BadModel, where + ": key 'post_processor' names token " + std::to_string(id) +
                                            ", which is not in the vocabulary"};
  for (int32_t id : parts.after)
    if (!parts.vocabulary->contains(id))
      return Error{ErrorCode::BadModel, where + ": key 'post_processor' names token " + std::to_string(id) +
                                            ", which is not in the vocabulary"};
  if (auto e = parts.vocabulary->readSpecials(file))
    return e.error();
  return parts;
}

} // namespace ph
