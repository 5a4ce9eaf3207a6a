#include "runtime/chat/ChatFormat.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/GgufRecords.h"
#include <algorithm>

namespace ph {

static Error templateFailed(const Error &error) { return {error.code, "the chat template failed: " + error.message}; }

Expected<ChatFormat> ChatFormat::of(const GgufFile &metadata) {
  ChatFormat format;
  const GgufValue *value = metadata.find(chatTemplateKey);
  auto text = value ? value->asString() : std::nullopt;
  if (!text)
    return format;
  auto parsed = Template::parse(*text);
  if (!parsed)
    return Error{parsed.error().code,
                 metadata.path() + ": " + std::string(chatTemplateKey) + ": " + parsed.error().message};
  format.parsed = std::move(*parsed);
  return format;
}

Expected<std::vector<int32_t>> ChatFormat::encode(const Tokenizer &tokenizer,
                                                  std::span<const ChatMessage> messages) const {
  std::string text;
  if (!parsed) {
    for (const ChatMessage &message : messages)
      text += message.content + "\n";
    return tokenizer.encode(text);
  }
  return encodeText(tokenizer, parsed->renderChat(messages, optionsFor(tokenizer)));
}

Expected<std::vector<int32_t>> ChatFormat::encodeParts(const Tokenizer &tokenizer,
                                                       const nlohmann::ordered_json &messages) const {
  return encodeText(tokenizer, parsed->render(messages, optionsFor(tokenizer)));
}

RenderOptions ChatFormat::optionsFor(const Tokenizer &tokenizer) {
  RenderOptions options;
  options.bos = tokenizer.bosText();
  options.eos = tokenizer.eosText();
  return options;
}

Expected<std::string> ChatFormat::render(const Tokenizer &tokenizer, const nlohmann::ordered_json &messages,
                                         bool addGenerationPrompt, std::optional<std::time_t> now) const {
  RenderOptions options = optionsFor(tokenizer);
  options.addGenerationPrompt = addGenerationPrompt;
  options.now = now;
  auto text = parsed->render(messages, options);
  if (!text)
    return templateFailed(text.error());
  return text;
}

Expected<std::vector<int32_t>> ChatFormat::encodeText(const Tokenizer &tokenizer,
                                                      const Expected<std::string> &rendered) const {
  return rendered ? encodeRendered(tokenizer, *rendered) : templateFailed(rendered.error());
}

Expected<std::vector<int32_t>> ChatFormat::encodeRendered(const Tokenizer &tokenizer, std::string_view text) const {
  // Most templates write BOS themselves; one is enough. EOS ends what was said, and the answer is yet to come.
  const std::string_view bos = tokenizer.bosText();
  const bool hasBos = !bos.empty() && text.starts_with(bos);
  auto ids = tokenizer.encode(text, {.addSpecial = !hasBos});
  if (ids && !hasBos && tokenizer.addsEos() && !ids->empty() && ids->back() == tokenizer.vocabulary().eos)
    ids->pop_back();
  return ids;
}

Status checkChatTemplate(std::span<const uint8_t> records, uint64_t count, const std::string &path) {
  const std::vector<uint8_t> bytes = GgufRecords::file(records, count);
  auto metadata = GgufFile::parse(bytes, path, /*metadataOnly=*/true);
  if (!metadata || !(*metadata)->find(chatTemplateKey) || !Tokenizer::isIn(**metadata))
    return {};
  auto format = ChatFormat::of(**metadata);
  auto tokenizer = Tokenizer::create(**metadata);
  if (!format || !tokenizer || (*tokenizer)->vocabulary().bos == Vocabulary::none)
    return {};
  const ChatMessage message{"user", "Hi"};
  auto ids = format->encode(**tokenizer, {&message, 1});
  const int32_t bos = (*tokenizer)->vocabulary().bos;
  if (!ids || ids->empty() || ids->front() != bos)
    return {};
  // Between them there may be a space or a line's end.
  for (size_t i = 1; i < ids->size(); ++i) {
    if ((*ids)[i] == bos)
      return Error{ErrorCode::BadModel, path + ": key '" + std::string(chatTemplateKey) +
                                            "': the template makes a "
                                            "conversation begin with BOS, " +
                                            quoteText((*tokenizer)->bosText()) +
                                            ", twice, which the model was not trained on; take one out of it"};
    const std::string text = (*tokenizer)->decode({&(*ids)[i], 1});
    if (text.find_first_not_of(" \t\r\n") != std::string::npos)
      break;
  }
  return {};
}

} // namespace ph
