#include "runtime/session/Conversation.h"
#include <algorithm>

namespace ph {

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
