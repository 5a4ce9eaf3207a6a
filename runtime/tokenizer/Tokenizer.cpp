#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/base/Quote.h"
#include "runtime/tokenizer/ByteLevelBPE.h"
#include "runtime/tokenizer/PreTokenizer.h"

namespace ph {

Expected<std::unique_ptr<Tokenizer>> Tokenizer::create(const GgufFile &file) {
  auto bad = [&](std::string what) { return Error{ErrorCode::BadModel, file.path() + ": " + std::move(what)}; };
  auto name = [&](const char *key, std::string_view absent) -> std::optional<std::string> {
    const GgufValue *value = file.find(key);
    auto text = value ? value->asString() : std::optional(absent);
    return text ? std::optional(std::string(*text)) : std::nullopt;
  };
  auto model = name("tokenizer.ggml.model", ""), pre = name("tokenizer.ggml.pre", "default");
  if (!model || !pre)
    return bad("keys 'tokenizer.ggml.model' and 'tokenizer.ggml.pre' must be strings");
  if (model->empty())
    return bad("no key 'tokenizer.ggml.model': the file has no tokenizer; convert the model with its tokenizer");
  if (*model != "gpt2")
    return bad("tokenizer model " + quoteText(*model) + " is not supported yet; byte-level BPE ('gpt2') is");
  const PreTokenizerSpec *spec = findPreTokenizer(pre->empty() ? "default" : *pre);
  if (!spec)
    return bad("unknown pre-tokenizer " + quoteText(*pre) + " in key 'tokenizer.ggml.pre'");

  auto vocabulary = Vocabulary::read(file);
  if (!vocabulary)
    return vocabulary.error();
  auto special = SpecialTokens::create(*vocabulary);
  if (!special)
    return bad(special.error().message);
  auto tokenizer = ByteLevelBPE::create(file, *spec, std::move(*vocabulary), std::move(*special));
  if (!tokenizer)
    return tokenizer.error();
  if (auto e = (*tokenizer)->setAdded(file, spec->addBos))
    return e.error();
  return std::unique_ptr<Tokenizer>(std::move(*tokenizer));
}

Status Tokenizer::setAdded(const GgufFile &file, bool bosByDefault) {
  struct Key {
    const char *name;
    int32_t id;
    bool byDefault;
    bool &added;
  };
  for (Key key : {Key{"tokenizer.ggml.add_bos_token", words.bos, bosByDefault, bosAdded},
                  Key{"tokenizer.ggml.add_eos_token", words.eos, false, eosAdded}}) {
    const GgufValue *value = file.find(key.name);
    if (!value) {
      key.added = key.byDefault && key.id != Vocabulary::none;
      continue;
    }
    auto wanted = value->asBool();
    if (!wanted)
      return Error{ErrorCode::BadModel, file.path() + ": key '" + key.name + "' must be a boolean"};
    if (*wanted && key.id == Vocabulary::none)
      return Error{ErrorCode::BadModel,
                   file.path() + ": key '" + key.name + "' is true, but the file names no such token"};
    key.added = *wanted;
  }
  return {};
}

Expected<std::vector<int32_t>> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  constexpr size_t maximumText = size_t(1) << 30; // positions are 32 bits wide
  if (text.size() > maximumText)
    return Error{ErrorCode::Failed,
                 "a text of " + std::to_string(text.size()) + " bytes is too long to tokenize at once (1 GiB)"};
  std::vector<int32_t> ids;
  if (options.addSpecial && bosAdded)
    ids.push_back(words.bos);
  for (size_t position = 0; position < text.size();) {
    SpecialTokens::Match match = specials.next(text, position, options.parseSpecial);
    if (match.position > position)
      if (auto e = encodeText(text.substr(position, match.position - position), position == 0, ids))
        return e.error();
    if (match.length)
      ids.push_back(match.id);
    position = match.position + match.length;
  }
  if (options.addSpecial && eosAdded)
    ids.push_back(words.eos);
  return ids;
}

void Tokenizer::appendBytes(int32_t id, std::string &out, bool special) const {
  if (!words.contains(id))
    return;
  if (!words.isVerbatim(id))
    appendText(id, out);
  else if (special || words.type(id) == TokenType::UserDefined)
    out += words.text(id);
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool special) const {
  std::string out;
  for (int32_t id : ids)
    appendBytes(id, out, special);
  return out;
}

} // namespace ph
