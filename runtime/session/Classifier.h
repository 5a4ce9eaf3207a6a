// Labels of texts, tokens and images, by models with a head for them.
#pragma once
#include "runtime/session/Model.h"
#include <string>
#include <vector>

namespace ph {

struct Label {
  std::string name;
  double score = 0; ///< a probability, or what the model gives where it has one label only
};

/// What was classified, and its labels, the likeliest first.
struct Classified {
  std::string text; ///< of the token; empty for a whole text or image
  std::vector<Label> labels;
};

/// Runs a `forward`, of two texts a `pair` where there is one, whose result is `logits`: [batch, labels], [batch,
/// sequence, labels] (one result for each token of the text itself), or [batch, sequence, vocabulary] (what fits each
/// mask token). Probabilities are a softmax over the labels, or a sigmoid of each where config.json says
/// `multi_label_classification`.
class Classifier {
public:
  /// Loads the weights. Errors: Usage if the model has no such program; BadModel for a bad config.json.
  static Expected<Classifier> create(Model &model);

  /// Errors: Usage (the model takes images; a text too long, or without a mask token where one is filled).
  Expected<std::vector<Classified>> classifyText(const std::string &text);
  /// The same of two texts together: what one says of the other. Errors: also Usage (a model of tokens; a tokenizer
  /// without a template for two).
  Expected<std::vector<Classified>> classifyPair(const std::string &first, const std::string &second);
  /// Errors: Usage (the model takes text), those of pixelValues.
  Expected<std::vector<Classified>> classifyImage(const std::string &path);

private:
  Classifier(Model &model, const Program &program) : model(model), program(program) {}
  Expected<HostTensor> run(const Program &which, TokenPair tokens);
  std::vector<Label> labelsOf(std::span<const float> logits, bool tokens) const;
  std::string nameOf(size_t label, bool token) const;

  Model &model;
  const Program &program;
  std::vector<std::string> names; ///< by number; empty where config.json has none
  bool independent = false;
};

} // namespace ph
