// What comes next, by models whose programs keep nothing between calls: each token computes all of them anew.
#pragma once
#include "runtime/session/Generator.h"
#include "runtime/session/Model.h"
#include <map>
#include <memory>

namespace ph {

/// The last row of the `logits` [1, sequence, vocabulary] of a program, for one sequence of token ids.
class ProgramTokens final : public NextTokens {
public:
  Status append(std::span<const int32_t> tokens) override;
  std::span<const float> logits() const override { return last; }
  int64_t room() const override { return most - int64_t(ids.size()); }
  const Tokenizer &tokenizer() const override { return model.tokenizer(); }
  /// What append() takes first.
  std::span<const int32_t> prompt() const { return start; }

  /// Of an encoder-decoder (T5, BART): `encode` runs once on `source`; the prompt is decoder_start_token_id, and
  /// forced_bos_token_id if there is one. Errors: Usage if the model is none; BadModel where ids are missing or out of
  /// range; WontFit where the source is longer than the model takes; those of Program::run.
  static Expected<std::unique_ptr<ProgramTokens>> ofSource(Model &model, std::span<const int32_t> source);
  static bool isEncoderDecoder(const Model &model);

  /// Of a model that reads images (LLaVA): `pixels` is its input `pixel_values`, and each image token of `prompt`
  /// becomes as many as the image has features. A prompt without one begins with it. Errors: as ofSource.
  static Expected<std::unique_ptr<ProgramTokens>> ofImage(Model &model, HostTensor pixels,
                                                          std::span<const int32_t> prompt);
  static bool readsImages(const Model &model);

private:
  ProgramTokens(Model &model, const Program &program, std::string input)
      : model(model), program(program), input(std::move(input)) {}

  Model &model;
  const Program &program;
  std::string input; ///< of the program, for the ids
  std::map<std::string, HostTensor> others;
  std::vector<int32_t> start, ids;
  std::vector<float> last;
  int64_t most = 0;
  Region arena;
};

} // namespace ph
