// Token after token: the loop of evaluation, sampling and text.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/sampler/Sampler.h"
#include "runtime/session/Session.h"
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace ph {

enum class StopReason {
  EndOfTurn,   ///< the model said so: EOS, EOT or another end token of its vocabulary
  MaxTokens,   ///< as many as were asked for
  ContextFull, ///< the cache has no room for the last token
  Interrupted, ///< Ctrl-C
  Stopped,     ///< the text's receiver said so
};
/// "end", "length", "context", "interrupted", "stopped": the word for JSON.
std::string_view stopReasonName(StopReason reason);

struct GenerateOptions {
  int64_t maxTokens = -1;   ///< -1: until something else stops it
  bool ignoreEnd = false;   ///< go on after end tokens
  bool showControl = false; ///< control tokens are part of the text
  bool acceptPrompt = true; ///< tokens of the prompt count as recent for the repeat penalty
};

struct Generation {
  std::vector<int32_t> tokens; ///< as sampled, with the end token; all but the last are in the session
  StopReason reason = StopReason::MaxTokens;
  int64_t promptTokens = 0;
  double promptSeconds = 0;   ///< until the logits after the prompt
  double generateSeconds = 0; ///< from then on
};

/// Takes whole characters of UTF-8 as they come to be; false stops.
using TextSink = std::function<bool(std::string_view text)>;

/// Something that says what comes next.
class NextTokens {
public:
  virtual ~NextTokens() = default;
  /// Takes tokens in, so that logits() are those after the last of them. Errors: WontFit, Interrupted, others of its
  /// own.
  virtual Status append(std::span<const int32_t> tokens) = 0;
  virtual std::span<const float> logits() const = 0;
  /// How many tokens more it can take in.
  virtual int64_t room() const = 0;
  virtual const Tokenizer &tokenizer() const = 0;
};

/// Appends `prompt` to `next`, then samples until something stops it. Errors: those of NextTokens::append but
/// Interrupted, and of Sampler::sample.
Expected<Generation> generate(NextTokens &next, Sampler &sampler, std::span<const int32_t> prompt,
                              const GenerateOptions &options, const TextSink &sink);

/// Appends `prompt` to `slot`, then samples until something stops it. Between two tokens nothing is allocated except
/// by the sink. Errors: those of Session::append but Interrupted, and of Sampler::sample.
Expected<Generation> generate(Session &session, Sampler &sampler, std::span<const int32_t> prompt,
                              const GenerateOptions &options, const TextSink &sink, int64_t slot = 0);

} // namespace ph
