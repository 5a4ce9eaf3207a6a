// Results that another program recorded, as make_smollm2.py of the reference data writes them.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace ph::tool {

struct RecordedPrompt {
  std::string text;
  std::vector<int32_t> ids, topIds, greedyIds;
  std::vector<double> topLogits; ///< of topIds, after the prompt
};

struct Recorded {
  std::vector<RecordedPrompt> prompts;
  int64_t window = 512;             ///< tokens
  std::vector<int32_t> firstTokens; ///< of the text
  std::vector<double> windowMeans;  ///< `text`: mean losses of all predictions of a window
  std::vector<double> halfSums;     ///< `perplexity16`: summed losses of the second half of each window
  double perplexity = 0;            ///< `perplexity16`

  /// Errors: Failed (can't be read), BadModel (not such a file), naming the key.
  static Expected<Recorded> read(const std::string &path);
  /// Errors: BadModel, if an id is outside a vocabulary of that size.
  Status check(int64_t vocabulary) const;
  int64_t longestPrompt() const; ///< tokens, with what follows greedily
};

} // namespace ph::tool
