#include "runtime/session/Generator.h"
#include "runtime/base/Interrupt.h"
#include "runtime/tokenizer/StreamDecoder.h"
#include <algorithm>
#include <chrono>

namespace ph {
namespace {

class Stopwatch {
public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin).count(); }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin = Clock::now();
};

/// The loop after the prompt; fills `tokens` and `reason`.
Status continueText(Session &session, Sampler &sampler, const GenerateOptions &options, const TextSink &sink,
                    int64_t slot, Generation &result) {
  const Tokenizer &tokenizer = session.model().tokenizer();
  StreamDecoder decoder(tokenizer, options.showControl);
  auto say = [&](const std::string &text) { return text.empty() || !sink || sink(text); };
  auto stop = [&](StopReason reason) {
    result.reason = reason;
    if (reason != StopReason::Stopped)
      say(decoder.flush());
    return Status();
  };
  // The logits after the last position that there is room for are one more token.
  const int64_t most = session.room(slot) + 1;
  result.tokens.reserve(size_t(options.maxTokens < 0 ? most : std::min(most, options.maxTokens)));
  while (options.maxTokens < 0 || int64_t(result.tokens.size()) < options.maxTokens) {
    auto token = sampler.sample(session.logits());
    if (!token)
      return token.error();
    result.tokens.push_back(*token);
    if (!options.ignoreEnd && tokenizer.vocabulary().endsGeneration(*token))
      return stop(StopReason::EndOfTurn);
    sampler.accept(*token);
    if (!say(decoder.next(*token)))
      return stop(StopReason::Stopped);
    if (interrupted())
      return stop(StopReason::Interrupted);
    if (int64_t(result.tokens.size()) == options.maxTokens)
      break;
    if (session.room(slot) == 0)
      return stop(StopReason::ContextFull);
    if (auto e = session.append({&*token, 1}, slot))
      return e;
  }
  return stop(StopReason::MaxTokens);
}

} // namespace

std::string_view stopReasonName(StopReason reason) {
  switch (reason) {
  case StopReason::EndOfTurn:
    return "end";
  case StopReason::MaxTokens:
    return "length";
  case StopReason::ContextFull:
    return "context";
  case StopReason::Interrupted:
    return "interrupted";
  case StopReason::Stopped:
    return "stopped";
  }
  return "";
}

Expected<Generation> generate(Session &session, Sampler &sampler, std::span<const int32_t> prompt,
                              const GenerateOptions &options, const TextSink &sink, int64_t slot) {
  Generation result;
  result.promptTokens = int64_t(prompt.size());
  Stopwatch prefill;
  if (auto e = session.append(prompt, slot)) {
    if (e.error().code != ErrorCode::Interrupted)
      return e.error();
    result.reason = StopReason::Interrupted;
    return result;
  }
  result.promptSeconds = prefill.seconds();
  if (options.acceptPrompt)
    for (int32_t token : prompt)
      sampler.accept(token);
  Stopwatch decode;
  if (auto e = continueText(session, sampler, options, sink, slot, result))
    return e.error();
  result.generateSeconds = decode.seconds();
  return result;
}

} // namespace ph
