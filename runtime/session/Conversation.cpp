#include "runtime/session/Conversation.h"
#include <algorithm>

namespace ph {

Expected<ChatFormat> ChatFormat::of(const Model &model) {
  ChatFormat format;
  const GgufValue *value = model.metadata().find("tokenizer.chat_template");
  auto text = value ? value->asString() : std::nullopt;
  if (!text)
    return format;
  auto parsed = Template::parse(*text);
  if (!parsed)
    return Error{parsed.error().code, model.path() + ": tokenizer.chat_template: " + parsed.error().message};
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
  RenderOptions options;
  options.bos = tokenizer.bosText();
  options.eos = tokenizer.eosText();
  auto rendered = parsed->renderChat(messages, options);
  if (!rendered)
    return Error{rendered.error().code, "the chat template failed: " + rendered.error().message};
  // Most templates write BOS themselves; one is enough. EOS ends what was said, and the answer is yet to come.
  const std::string_view bos = tokenizer.bosText();
  const bool hasBos = !bos.empty() && rendered->starts_with(bos);
  auto ids = tokenizer.encode(*rendered, {.addSpecial = !hasBos});
  if (ids && !hasBos && tokenizer.addsEos() && !ids->empty() && ids->back() == tokenizer.vocabulary().eos)
    ids->pop_back();
  return ids;
}

Expected<Generation> Conversation::answer(std::string text, Sampler &sampler, const GenerateOptions &options,
                                          const TextSink &sink) {
  messages.push_back({"user", std::move(text)});
  auto ids = format.encode(session.model().tokenizer(), messages);
  if (!ids || ids->empty()) {
    messages.pop_back();
    return ids ? Error{ErrorCode::Usage, "there is no token to evaluate"} : ids.error();
  }
  // The last token is evaluated in any case: its logits are wanted.
  const size_t most = std::min(cached.size(), ids->size() - 1);
  const auto same =
      size_t(std::mismatch(ids->begin(), ids->begin() + ptrdiff_t(most), cached.begin()).first - ids->begin());
  session.truncate(slot, int64_t(same));
  cached.assign(ids->begin(), ids->end());

  std::string said;
  auto result = generate(
      session, sampler, std::span(*ids).subspan(same), options,
      [&](std::string_view piece) {
        said += piece;
        return !sink || sink(piece);
      },
      slot);
  if (result)
    cached.insert(cached.end(), result->tokens.begin(), result->tokens.end());
  cached.resize(std::min<size_t>(cached.size(), size_t(session.length(slot))));
  if (result)
    messages.push_back({"assistant", std::move(said)});
  else
    messages.pop_back();
  return result;
}

} // namespace ph
