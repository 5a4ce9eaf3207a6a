#include "runtime/session/ProgramTokens.h"
#include "runtime/base/Interrupt.h"
#include "runtime/formats/GgufKeys.h"
#include "runtime/formats/HubFiles.h"
#include <algorithm>

namespace ph {
namespace {

Error bad(const Model &model, const std::string &what) { return {ErrorCode::BadModel, model.path() + ": " + what}; }

/// The id `key` of generation_config.json, else of config.json, else of a GGUF file; nothing if none has it. Errors:
/// BadModel for an id outside of the vocabulary.
Expected<std::optional<int32_t>> idOf(const Model &model, const char *key) {
  for (const char *file : {"generation_config.json", "config.json"}) {
    auto json = hubFile(model.metadata(), file);
    if (!json)
      return json.error();
    auto id = jsonInteger(*json, key);
    if (id && (*id < 0 || *id >= model.sizes().vocabulary))
      return bad(model, std::string(file) + ": key '" + key + "' is outside of the vocabulary");
    if (id)
      return std::optional(int32_t(*id));
  }
  const GgufValue *value = findArchitectureKey(model.metadata(), key);
  if (!value)
    return std::optional<int32_t>();
  const int64_t id = value->asInteger().value_or(-1);
  if (id < 0 || id >= model.sizes().vocabulary)
    return bad(model, std::string("key '") + key + "' is no token of the vocabulary");
  return std::optional(int32_t(id));
}

HostTensor rowOf(std::span<const int32_t> ids) { return HostTensor::ofIntegers({1, int64_t(ids.size())}, ids); }

} // namespace

Status ProgramTokens::append(std::span<const int32_t> tokens) {
  if (int64_t(tokens.size()) > room())
    return Error{ErrorCode::WontFit, "the text has " + std::to_string(ids.size() + tokens.size()) +
                                         " tokens, but the model takes " + std::to_string(most) + "; shorten it"};
  if (interrupted())
    return Error{ErrorCode::Interrupted, ""};
  ids.insert(ids.end(), tokens.begin(), tokens.end());
  others[input] = rowOf(ids);
  auto results = program.run(model.team(), model.weights(), others, &arena);
  if (!results)
    return results.error();
  const HostTensor &logits = (*results)[size_t(program.info().findResult("logits"))];
  last.assign(logits.floats().end() - logits.shape.back(), logits.floats().end());
  return {};
}

bool ProgramTokens::isEncoderDecoder(const Model &model) {
  const Program *encode = model.program("encode"), *decode = model.program("decode");
  return encode && decode && encode->info().inputs.size() == 2 && encode->info().results.size() == 1 &&
         encode->info().findInput("input_ids") >= 0 && encode->info().findInput("attention_mask") >= 0 &&
         decode->info().inputs.size() == 3 && decode->info().findInput("decoder_input_ids") >= 0 &&
         decode->info().findInput("attention_mask") >= 0 &&
         decode->info().findInput(encode->info().results[0].name) >= 0 && decode->info().findResult("logits") >= 0;
}

Expected<std::unique_ptr<ProgramTokens>> ProgramTokens::ofSource(Model &model, std::span<const int32_t> source) {
  if (!isEncoderDecoder(model))
    return Error{ErrorCode::Usage, model.path() + ": is no encoder-decoder that generates text"};
  const int64_t most = model.sizes().contextLength;
  if (int64_t(source.size()) > most)
    return Error{ErrorCode::WontFit, "the prompt has " + std::to_string(source.size()) +
                                         " tokens, but the model takes " + std::to_string(most) + "; shorten it"};
  if (auto e = model.loadWeights(model.placement() == WeightsPlacement::Map))
    return e.error();
  std::unique_ptr<ProgramTokens> made(new ProgramTokens(model, *model.program("decode"), "decoder_input_ids"));
  made->most = most;
  for (const char *key : {"decoder_start_token_id", "bos_token_id", "forced_bos_token_id"}) {
    auto id = idOf(model, key);
    if (!id)
      return id.error();
    // The second is used where the first is missing; the third comes in addition.
    const bool wanted = made->start.empty() || key == std::string_view("forced_bos_token_id");
    if (*id && wanted)
      made->start.push_back(**id);
  }
  if (made->start.empty())
    return bad(model, "neither config.json nor generation_config.json nor GGUF's keys have 'decoder_start_token_id', "
                      "which the answer begins with");
  const HostTensor mask = rowOf(std::vector<int32_t>(source.size(), 1));
  const Program &encode = *model.program("encode");
  auto states = encode.run(model.team(), model.weights(), {{"input_ids", rowOf(source)}, {"attention_mask", mask}});
  if (!states)
    return states.error();
  made->others = {{encode.info().results[0].name, std::move((*states)[0])}, {"attention_mask", mask}};
  return made;
}

bool ProgramTokens::readsImages(const Model &model) {
  const Program *forward = model.program("forward"), *image = model.program("image");
  return forward && image && forward->info().inputs.size() == 2 && forward->info().findInput("input_ids") >= 0 &&
         forward->info().findInput("pixel_values") >= 0 && forward->info().findResult("logits") >= 0 &&
         image->info().results.size() == 1 && image->info().results[0].shape.size() == 3 &&
         image->info().results[0].shape[1] > 0;
}

Expected<std::unique_ptr<ProgramTokens>> ProgramTokens::ofImage(Model &model, HostTensor pixels,
                                                                std::span<const int32_t> prompt) {
  if (!readsImages(model))
    return Error{ErrorCode::Usage, model.path() + ": generates no text from images"};
  if (auto e = model.loadWeights(model.placement() == WeightsPlacement::Map))
    return e.error();
  std::unique_ptr<ProgramTokens> made(new ProgramTokens(model, *model.program("forward"), "input_ids"));
  made->most = model.sizes().contextLength;
  std::optional<int32_t> token;
  for (const char *key : {"image_token_index", "image_token_id"}) {
    auto id = idOf(model, key);
    if (!id)
      return id.error();
    token = token ? token : *id;
  }
  if (!token)
    return bad(model, "config.json has no 'image_token_index', which stands for the image in a prompt");
  const auto features = size_t(model.program("image")->info().results[0].shape[1]);
  const auto count = std::count(prompt.begin(), prompt.end(), *token);
  if (count > 1)
    return Error{ErrorCode::Usage, "the prompt has " + std::to_string(count) + " places for the one image"};
  if (count == 0)
    made->start.assign(features, *token);
  for (int32_t id : prompt)
    made->start.insert(made->start.end(), id == *token ? features : 1, id);
  made->others["pixel_values"] = std::move(pixels);
  return made;
}

} // namespace ph
