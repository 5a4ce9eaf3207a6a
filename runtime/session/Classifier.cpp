#include "runtime/session/Classifier.h"
#include "runtime/formats/HubFiles.h"
#include "runtime/session/Embedder.h"
#include "runtime/session/PixelValues.h"
#include <algorithm>
#include <cmath>

namespace ph {

Expected<Classifier> Classifier::create(Model &model) {
  const Program *forward = model.program("forward");
  bool good = forward && forward->info().findResult("logits") >= 0;
  if (good)
    for (const ProgramTensor &input : forward->info().inputs)
      good &= input.name == "input_ids" || input.name == "attention_mask" || input.name == "token_type_ids" ||
              input.name == "pixel_values";
  if (!good || (forward->info().findInput("input_ids") >= 0) == (forward->info().findInput("pixel_values") >= 0))
    return Error{ErrorCode::Usage, model.path() + ": gives no labels of a text or an image"};
  if (auto e = model.loadWeights(model.placement() == WeightsPlacement::Map))
    return e.error();
  Classifier made(model, *forward);
  auto config = hubFile(model.metadata(), "config.json");
  if (!config)
    return config.error();
  const std::string *type = jsonString(*config, "problem_type");
  made.independent = type && *type == "multi_label_classification";
  const auto labels = forward->info().results[size_t(forward->info().findResult("logits"))].shape.back();
  const nlohmann::json *names = jsonMember(*config, "id2label");
  for (int64_t i = 0; names && i < labels; ++i) {
    const std::string *name = jsonString(*names, std::to_string(i).c_str());
    made.names.push_back(name ? *name : "");
  }
  return made;
}

std::string Classifier::nameOf(size_t label, bool token) const {
  const auto id = int32_t(label);
  if (token)
    return model.tokenizer().decode({&id, 1});
  return label < names.size() && !names[label].empty() ? names[label] : "LABEL_" + std::to_string(label);
}

std::vector<Label> Classifier::labelsOf(std::span<const float> logits, bool tokens) const {
  std::vector<std::pair<double, size_t>> scores;
  for (size_t i = 0; i < logits.size(); ++i)
    scores.emplace_back(logits[i], i);
  std::sort(scores.begin(), scores.end(), [](const auto &a, const auto &b) {
    return a.first > b.first || (a.first == b.first && a.second < b.second);
  });
  double sum = 0;
  for (const auto &[score, label] : scores)
    sum += std::exp(score - scores[0].first);
  // Of a vocabulary only the likeliest are named.
  if (tokens && scores.size() > 100)
    scores.resize(100);
  std::vector<Label> labels;
  for (const auto &[score, label] : scores) {
    const double probability = independent ? 1 / (1 + std::exp(-score)) : std::exp(score - scores[0].first) / sum;
    labels.push_back({nameOf(label, tokens), logits.size() == 1 && !independent ? score : probability});
  }
  return labels;
}

Expected<HostTensor> Classifier::run(const Program &which, TokenPair tokens) {
  if (which.info().findInput("input_ids") < 0)
    return Error{ErrorCode::Usage, model.path() + ": classifies images; give one with --image"};
  const auto length = int64_t(tokens.ids.size());
  if (length == 0 || length > mostTokens(model))
    return Error{ErrorCode::Usage, "the text has " + std::to_string(length) + " tokens, but the model takes 1 to " +
                                       std::to_string(mostTokens(model))};
  tokens.types.resize(tokens.ids.size());
  const std::vector<int32_t> mask(tokens.ids.size(), 1);
  auto results = which.run(model.team(), model.weights(),
                           {{"input_ids", HostTensor::ofIntegers({1, length}, tokens.ids)},
                            {"attention_mask", HostTensor::ofIntegers({1, length}, mask)},
                            {"token_type_ids", HostTensor::ofIntegers({1, length}, tokens.types)}});
  if (!results)
    return results.error();
  return std::move((*results)[size_t(which.info().findResult("logits"))]);
}

Expected<std::vector<Classified>> Classifier::classifyPair(const std::string &first, const std::string &second) {
  const Program *pair = model.program("pair");
  const Program &which = pair ? *pair : program;
  auto tokens = model.tokenizer().encodePair(first, second);
  if (!tokens)
    return Error{tokens.error().code, model.path() + ": " + tokens.error().message};
  auto logits = run(which, std::move(*tokens));
  if (!logits)
    return logits.error();
  if (logits->shape.size() != 2)
    return Error{ErrorCode::Usage, model.path() + ": labels tokens, not texts; leave --pair out"};
  return std::vector<Classified>{{"", labelsOf(logits->floats(), false)}};
}

Expected<std::vector<Classified>> Classifier::classifyText(const std::string &text) {
  auto ids = model.tokenizer().encode(text);
  if (!ids)
    return ids.error();
  auto made = run(program, {*ids, {}});
  if (!made)
    return made.error();
  const HostTensor &logits = *made;
  const auto count = size_t(logits.shape.back());
  if (logits.shape.size() < 3)
    return std::vector<Classified>{{"", labelsOf(logits.floats(), false)}};
  const Vocabulary &vocabulary = model.tokenizer().vocabulary();
  const bool fills = int64_t(count) == model.sizes().vocabulary;
  std::vector<Classified> classified;
  for (size_t i = 0; i < ids->size(); ++i) {
    const int32_t id = (*ids)[i];
    const bool special = vocabulary.contains(id) && vocabulary.type(id) == TokenType::Control;
    if (fills ? id == vocabulary.mask : !special)
      classified.push_back({std::string(vocabulary.contains(id) ? vocabulary.text(id) : std::string_view()),
                            labelsOf(logits.floats().subspan(i * count, count), fills)});
  }
  if (classified.empty() && fills)
    return Error{ErrorCode::Usage,
                 "the text has no token to fill in; write " +
                     (vocabulary.contains(vocabulary.mask) ? std::string(vocabulary.text(vocabulary.mask))
                                                           : std::string("the model's mask token")) +
                     " where one is missing"};
  return classified;
}

Expected<std::vector<Classified>> Classifier::classifyImage(const std::string &path) {
  if (program.info().findInput("pixel_values") < 0)
    return Error{ErrorCode::Usage, model.path() + ": classifies texts; give one with -p"};
  auto pixels = pixelValues(model, program, {&path, 1});
  if (!pixels)
    return pixels.error();
  auto results = program.run(model.team(), model.weights(), {{"pixel_values", std::move(*pixels)}});
  if (!results)
    return results.error();
  return std::vector<Classified>{
      {"", labelsOf((*results)[size_t(program.info().findResult("logits"))].floats(), false)}};
}

} // namespace ph
