// Text from a prompt, by encoder-decoders and models that read images.
#include "runtime/chat/ChatFormat.h"
#include "runtime/session/PixelValues.h"
#include "runtime/session/ProgramTokens.h"
#include "tools/ph/Generate.h"

namespace ph::tool {
namespace {

Expected<std::unique_ptr<ProgramTokens>> answerSource(const RunOptions &options, Model &model) {
  if (!options.image.empty())
    return Error{ErrorCode::Usage, model.path() + ": reads no images; leave --image out"};
  auto source = model.tokenizer().encode(options.prompt);
  if (!source)
    return source.error();
  if (source->empty())
    return Error{ErrorCode::Usage, "the prompt has no token; write something after -p"};
  return ProgramTokens::ofSource(model, *source);
}

/// The prompt in the model's chat template, with a place for the image before the text.
Expected<std::vector<int32_t>> encodeWithImage(const RunOptions &options, const Model &model) {
  auto format = ChatFormat::of(model.metadata());
  if (!format)
    return format.error();
  if (options.raw || !format->hasTemplate())
    return model.tokenizer().encode(options.prompt);
  using Json = nlohmann::ordered_json;
  const auto text = [](const std::string &words) { return Json::object({{"type", "text"}, {"text", words}}); };
  const auto message = [](const char *role, const Json &parts) {
    return Json::object({{"role", role}, {"content", parts}});
  };
  Json messages = Json::array();
  if (!options.system.empty())
    messages.push_back(message("system", Json::array({text(options.system)})));
  messages.push_back(message("user", Json::array({Json::object({{"type", "image"}}), text(options.prompt)})));
  return format->encodeParts(model.tokenizer(), messages);
}

Expected<std::unique_ptr<ProgramTokens>> answerImage(const RunOptions &options, Model &model) {
  if (!ProgramTokens::readsImages(model))
    return Error{ErrorCode::Usage, model.path() + ": reads no images; leave --image out"};
  if (options.image.empty())
    return Error{ErrorCode::Usage, model.path() + ": answers about an image; give one with --image"};
  auto pixels = pixelValues(model, *model.program("forward"), {&options.image, 1});
  if (!pixels)
    return pixels.error();
  auto prompt = encodeWithImage(options, model);
  if (!prompt)
    return prompt.error();
  return ProgramTokens::ofImage(model, std::move(*pixels), *prompt);
}

} // namespace

Status runProgram(const RunOptions &options, Model &model) {
  const bool encodes = ProgramTokens::isEncoderDecoder(model);
  auto next = encodes ? answerSource(options, model) : answerImage(options, model);
  if (!next)
    return next.error();
  auto sampler = Sampler::create(options.sampling.options, size_t(model.sizes().vocabulary));
  if (!sampler)
    return sampler.error();
  return generateAndPrint(
      options, model,
      [&](const TextSink &sink) {
        // What an answer begins with is no text of the user's.
        return generate(**next, *sampler, (*next)->prompt(), {.maxTokens = options.tokens, .acceptPrompt = !encodes},
                        sink);
      },
      "ph: the text is as long as the model was made for");
}

} // namespace ph::tool
