// Turns of a chat, written as the model's template says.
#pragma once
#include "runtime/chat/ChatFormat.h"
#include "runtime/session/Generator.h"
#include <string>
#include <vector>

namespace ph {

/// A chat in one slot of a session. What the cache has of the conversation is not evaluated again.
class Conversation {
public:
  Conversation(Session &session, ChatFormat format, int64_t slot = 0)
      : session(session), format(std::move(format)), slot(slot) {}

  /// Adds a message without asking for an answer ("system", before the first turn).
  void add(ChatMessage message) { messages.push_back(std::move(message)); }
  /// Adds the user's `text` and the model's answer. After an error the conversation is as before; WontFit means that it
  /// has become too long for the context.
  Expected<Generation> answer(std::string text, Sampler &sampler, const GenerateOptions &options, const TextSink &sink);
  /// Forgets all messages.
  void clear() { messages.clear(); }

private:
  Session &session;
  ChatFormat format;
  int64_t slot;
  std::vector<ChatMessage> messages;
  std::vector<int32_t> cached; ///< the tokens in the slot
};

} // namespace ph
