// How well a model predicts a text.
#pragma once
#include "runtime/session/Session.h"
#include <span>
#include <vector>

namespace ph {

/// -log(softmax(logits)[target]), in nats. Logits that aren't finite give infinity or NaN.
double negativeLogLikelihood(std::span<const float> logits, int32_t target);

/// Resets `session` and evaluates `window` in slot 0. Returns the losses of the predictions after positions `first` to
/// window.size() - 2, in order: entry i is about window[first + i + 1]. Logits are kept for as many rows at a time as
/// the session has room for (SessionOptions::logitRows). Errors: those of Session::append.
Expected<std::vector<double>> windowLosses(Session &session, std::span<const int32_t> window, int64_t first);

/// The windows of llama-perplexity (llama.cpp, tools/perplexity): consecutive runs of `context` tokens, each with BOS
/// in the place of its first token if the model wants BOS; what is left over is dropped. At most `most` of them, 0:
/// all.
std::vector<std::vector<int32_t>> perplexityWindows(std::span<const int32_t> tokens, int64_t context, int64_t most,
                                                    const Tokenizer &tokenizer);

} // namespace ph
