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

class SlotTokens final : public NextTokens {
public:
  SlotTokens(Session &session, int64_t slot) : session(session), slot(slot) {}
  Status append(std::span<const int32_t> tokens) override { return session.append(tokens, slot); }
  std::span<const float> logits() const override { return session.logits(); }
  int64_t room() const override { return session.room(slot); }
  const Tokenizer &tokenizer() const override { return session.model().tokenizer(); }

private:
  Session &session;
  int64_t slot;
};

/// The loop after the prompt; fills `tokens` and `reason`.
Status continueText(NextTokens &next, Sampler &sampler, const GenerateOptions &options, const TextSink &sink,
                    Generation &result) {
  const Tokenizer &tokenizer = next.tokenizer();
  StreamDecoder decoder(tokenizer, options.showControl);
  auto say = [&](const std::string &text) { return text.empty() || !sink || sink(text); };
  auto stop = [&](StopReason reason) {
    result.reason = reason;
    if (reason != StopReason::Stopped)
      say(decoder.flush());
    return Status();
  };
  // The logits after the last position that there is room for are one more token.
  const int64_t most = next.room() + 1;
  result.tokens.reserve(size_t(options.maxTokens < 0 ? most : std::min(most, options.maxTokens)));
  while (options.maxTokens < 0 || int64_t(result.tokens.size()) < options.maxTokens) {
    auto token = sampler.sample(next.logits());
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
    if (next.room() == 0)
      return stop(StopReason::ContextFull);
    if (auto e = next.append({&*token, 1}))
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
  SlotTokens next(session, slot);
  return generate(next, sampler, prompt, options, sink);
}

Expected<Generation> generate(NextTokens &next, Sampler &sampler, std::span<const int32_t> prompt,
                              const GenerateOptions &options, const TextSink &sink) {
  Generation result;
  result.promptTokens = int64_t(prompt.size());
  Stopwatch prefill;
  if (auto e = next.append(prompt)) {
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
  if (auto e = continueText(next, sampler, options, sink, result))
    return e.error();
  result.generateSeconds = decode.seconds();
  return result;
}

} // namespace ph
