#include "runtime/session/Perplexity.h"
#include <algorithm>
#include <cmath>

namespace ph {

double negativeLogLikelihood(std::span<const float> logits, int32_t target) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - largest);
  return std::log(sum) - double(logits[size_t(target)] - largest);
}

Expected<std::vector<double>> windowLosses(Session &session, std::span<const int32_t> window, int64_t first) {
  const auto last = int64_t(window.size()) - 1; // nothing follows the last token
  std::vector<double> losses(size_t(std::max<int64_t>(last - first, 0)));
  const auto vocabulary = size_t(session.model().sizes().vocabulary);
  Team &team = session.model().team();
  auto score = [&](int64_t at, int64_t rows, const float *logits) {
    team.run([&](int thread) {
      for (int64_t row = thread; row < rows; row += team.size())
        losses[size_t(at + row - first)] =
            negativeLogLikelihood({logits + size_t(row) * vocabulary, vocabulary}, window[size_t(at + row + 1)]);
    });
  };
  session.reset();
  if (losses.empty())
    return losses;
  if (auto e = session.appendScored(window.first(size_t(last)), first, score))
    return e.error();
  return losses;
}

std::vector<std::vector<int32_t>> perplexityWindows(std::span<const int32_t> tokens, int64_t context, int64_t most,
                                                    const Tokenizer &tokenizer) {
  std::vector<std::vector<int32_t>> windows;
  for (size_t at = 0; at + size_t(context) <= tokens.size(); at += size_t(context)) {
    if (most > 0 && int64_t(windows.size()) == most)
      break;
    auto window = tokens.subspan(at, size_t(context));
    windows.emplace_back(window.begin(), window.end());
    if (tokenizer.addsBos() && tokenizer.vocabulary().bos != Vocabulary::none)
      windows.back().front() = tokenizer.vocabulary().bos;
  }
  return windows;
}

} // namespace ph
