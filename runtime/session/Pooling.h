// How sentences become vectors: sentence-transformers' description of a model.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/formats/Gguf.h"
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ph {

enum class PoolingKind {
  Mean, ///< of all tokens
  Cls,  ///< the first token
  Last, ///< the last token
};
/// "mean", "cls" or "last"; nothing for others.
std::optional<PoolingKind> parsePoolingKind(std::string_view name);

struct EmbeddingRules {
  PoolingKind pooling = PoolingKind::Mean;
  bool normalize = true;
  int64_t mostTokens = 0; ///< longer texts are cut; 0: nothing is said

  /// What modules.json, the modules' config.json and sentence_bert_config.json of the model's folder say, or a GGUF
  /// file's pooling_type; the defaults where it has none. `chosen` stands for the model's kind of pooling. Errors:
  /// BadModel for a module or a kind of pooling that isn't known.
  static Expected<EmbeddingRules> of(const GgufFile &metadata, std::optional<PoolingKind> chosen = {});
};

/// One vector of `width` values from those of `tokens` [tokens, width]; sums are in double precision.
void poolTokens(PoolingKind kind, std::span<const float> tokens, std::span<float> result);
/// Divides by the length, unless that is 0.
void normalizeLength(std::span<float> vector);

} // namespace ph
