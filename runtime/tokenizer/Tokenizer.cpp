#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/GgufTokenizer.h"
#include "runtime/tokenizer/huggingface/TokenizerJson.h"
#include <algorithm>

namespace ph {

static constexpr const char *ggufTokenizerKey = "tokenizer.ggml.model";

bool Tokenizer::isIn(const GgufFile &file) {
  return file.find(ggufTokenizerKey) != nullptr || file.find(huggingFaceKey) != nullptr;
}

Expected<std::unique_ptr<Tokenizer>> Tokenizer::create(const GgufFile &file) {
  const bool json = !file.find(ggufTokenizerKey) && file.find(huggingFaceKey);
  auto parts = json ? readTokenizerJson(file) : readGgufTokenizer(file);
  if (!parts)
    return parts.error();
  return std::make_unique<Tokenizer>(std::move(*parts));
}

bool Tokenizer::adds(int32_t id, const std::vector<int32_t> &ids) {
  return id != Vocabulary::none && std::find(ids.begin(), ids.end(), id) != ids.end();
}

Expected<std::vector<int32_t>> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  constexpr size_t maximumText = size_t(1) << 30; // positions are 32 bits wide
  if (text.size() > maximumText)
    return Error{ErrorCode::Failed,
                 "a text of " + std::to_string(text.size()) + " bytes is too long to tokenize at once (1 GiB)"};
  std::vector<int32_t> ids;
  if (options.addSpecial)
    ids = parts.before;
  RegexScratch scratch;
  const std::unique_ptr<PieceSink> model = parts.model->start(text.size(), ids);
  auto give = [&](int32_t id) { ids.push_back(id); };
  auto onText = [&](size_t begin, size_t end) -> Status {
    std::string_view section = text.substr(begin, end - begin);
    Expected<NormalizedText> normalized = NormalizedText();
    if (!parts.normalizers.empty()) {
      normalized = normalize(parts.normalizers, section, scratch);
      if (!normalized)
        return normalized.error();
      section = normalized->text;
    }
    const bool first = begin == 0 && normalized->startKept;
    return parts.addedNormalized.forEach(
        section, options.parseSpecial,
        [&](size_t from, size_t to) {
          return splitText(parts.splitters, {section.substr(from, to - from), first && from == 0}, scratch, *model);
        },
        give);
  };
  if (auto e = parts.added.forEach(text, options.parseSpecial, onText, give))
    return e.error();
  if (options.addSpecial)
    ids.insert(ids.end(), parts.after.begin(), parts.after.end());
  return ids;
}

Expected<TokenPair> Tokenizer::encodePair(std::string_view first, std::string_view second) const {
  if (parts.pair.empty())
    return Error{ErrorCode::Usage, "the model's tokenizer has no template for two texts (`pair` of the post_processor "
                                   "of a tokenizer.json)"};
  TokenPair pair;
  for (const PairPiece &piece : parts.pair) {
    if (piece.text < 0) {
      pair.ids.push_back(piece.id);
    } else {
      auto ids = encode(piece.text ? second : first, {.addSpecial = false});
      if (!ids)
        return ids.error();
      pair.ids.insert(pair.ids.end(), ids->begin(), ids->end());
    }
    pair.types.resize(pair.ids.size(), piece.type);
  }
  return pair;
}

void Tokenizer::appendBytes(int32_t id, DecodeState &state, std::string &out, bool special) const {
  if (!vocabulary().contains(id))
    return;
  const bool verbatim = vocabulary().isVerbatim(id);
  if (verbatim && !special && vocabulary().type(id) != TokenType::UserDefined)
    return;
  std::string text(vocabulary().text(id));
  if (!verbatim || parts.decodesAdded)
    for (const auto &decoder : parts.decoders)
      if (auto e = decoder->apply(text, state))
        break; // an expression beyond its limits: the text as far as it got
  ++state.tokens;
  out += text;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool special) const {
  std::string out;
  DecodeState state;
  for (int32_t id : ids)
    appendBytes(id, state, out, special);
  return out;
}

} // namespace ph
