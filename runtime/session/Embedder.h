// Vectors of texts and images, by a model that is an encoder.
#pragma once
#include "runtime/session/Model.h"
#include "runtime/session/Pooling.h"
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ph {

struct Embedding {
  std::vector<float> values;
  int64_t tokens = 0; ///< of the text, special ones included; 0 of an image
  bool cut = false;   ///< the text had more tokens than the model takes
};

/// Runs the program of a model whose results say what a text means: `last_hidden_state` [batch, sequence, width],
/// which is pooled, or `text_embeds` [batch, width].
class Embedder {
public:
  /// Loads the weights. `rules` are the model's own (EmbeddingRules::of), or what the caller made of them. Errors:
  /// Usage if the model gives no such results; those of Model::loadWeights.
  static Expected<Embedder> create(Model &model, const EmbeddingRules &rules);

  /// The vectors of `texts`, in their order. Texts of like length run together, at most `kBatchTokens` tokens with
  /// padding at a time. Errors: those of Tokenizer::encode and Program::run.
  Expected<std::vector<Embedding>> embed(std::span<const std::string> texts);

  static constexpr int64_t kBatchTokens = 4096;

private:
  Embedder(Model &model, const Program &program, const EmbeddingRules &rules, int result)
      : model(model), program(program), rules(rules), result(result) {}
  Expected<std::vector<int32_t>> tokenize(std::string_view text, bool &cut) const;
  Status runBatch(std::span<const std::vector<int32_t>> ids, std::span<const size_t> batch,
                  std::vector<Embedding> &into);

  Model &model;
  const Program &program;
  EmbeddingRules rules;
  int result;
  Region arena; ///< kept between batches
};

/// The vectors of image files, one after the other: `image_embeds` or `pooler_output` [batch, width] of the program
/// `image` or `forward`, or the first row of its `last_hidden_state`. Loads the weights. Errors: Usage if the model
/// gives none; those of pixelValues and Program::run.
Expected<std::vector<Embedding>> embedImages(Model &model, std::span<const std::string> paths, bool normalize);

/// The most tokens that a text may have for `model`: its positions less those that it keeps for other uses.
int64_t mostTokens(const Model &model);

} // namespace ph
