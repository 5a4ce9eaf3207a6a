// Text from a prompt.
#include "runtime/base/Interrupt.h"
#include "runtime/session/Conversation.h"
#include "runtime/session/ProgramTokens.h"
#include "tools/ph/Generate.h"
#include "tools/ph/Output.h"
#include <cstdio>

namespace ph::tool {

void RunOptions::addTo(CLI::App &command, bool promptRequired) {
  auto *text = command.add_option("-p,--prompt", prompt, "what to continue or answer");
  if (promptRequired)
    text->required();
  command.add_option("-n,--tokens", tokens, "most tokens to generate; default: until the model ends")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 31));
  command.add_option("--image", image, "a PNG or JPEG that the prompt is about, for a model that reads images");
  command.add_option("--system", system, "a system message for the chat template");
  command.add_flag("--raw", raw, "continue the prompt as it is, without the chat template");
  command.add_flag("--json", json, "one JSON object with text, ids and times instead of the text as it comes");
  flags.add(command);
  sampling.add(command);
}

static Expected<std::vector<int32_t>> encodePrompt(const RunOptions &options, const Model &model) {
  if (options.raw)
    return model.tokenizer().encode(options.prompt);
  auto format = ChatFormat::of(model.metadata());
  if (!format)
    return format.error();
  if (!format->hasTemplate())
    return model.tokenizer().encode(options.prompt);
  std::vector<ChatMessage> messages;
  if (!options.system.empty())
    messages.push_back({"system", options.system});
  messages.push_back({"user", options.prompt});
  return format->encode(model.tokenizer(), messages);
}

/// As many positions as the text can have, within what the model was made for.
static int64_t neededContext(const RunOptions &options, int64_t promptTokens, const Model &model) {
  const int64_t limit = model.sizes().contextLength;
  if (options.tokens < 0)
    return std::min(limit, std::max(kDefaultContext, promptTokens + 512));
  return std::max<int64_t>(std::min(limit, promptTokens + options.tokens), 1);
}

static void printResult(const Generation &g, const std::string &text, Model &model) {
  const auto decoded = double(g.tokens.size()) - 1; // the first one comes from the prompt's logits
  printJson({{"text", text},
             {"tokens", g.tokens},
             {"stop", stopReasonName(g.reason)},
             {"prompt_tokens", g.promptTokens},
             {"prompt_seconds", g.promptSeconds},
             {"generate_seconds", g.generateSeconds},
             {"prompt_tokens_per_second", g.promptSeconds > 0 ? double(g.promptTokens) / g.promptSeconds : 0.0},
             {"tokens_per_second", decoded > 0 && g.generateSeconds > 0 ? decoded / g.generateSeconds : 0.0},
             {"threads", model.team().size()},
             {"level", model.level()}});
}

Status generateAndPrint(const RunOptions &options, Model &model,
                        const std::function<Expected<Generation>(const TextSink &)> &generate,
                        const std::string &contextAdvice) {
  handleInterrupts(OnInterrupt::Flag);
  std::string text;
  auto result = generate([&](std::string_view piece) {
    if (!options.json)
      return print(piece, true);
    text += piece;
    return true;
  });
  if (!result)
    return result.error();
  if (options.json)
    printResult(*result, text, model);
  else
    print("\n");
  if (auto e = finishOutput())
    return e;
  if (result->reason == StopReason::ContextFull)
    std::fprintf(stderr, "%s\n", contextAdvice.c_str());
  if (result->reason == StopReason::Interrupted)
    return Error{ErrorCode::Interrupted, ""};
  return {};
}

Status run(const RunOptions &options, const std::string &path) {
  auto opened = Model::open(path, options.flags.model());
  if (!opened)
    return opened.error();
  Model &model = **opened;
  if (!options.image.empty() || ProgramTokens::isEncoderDecoder(model) || ProgramTokens::readsImages(model))
    return runProgram(options, model);
  if (auto e = Session::checkGenerates(model))
    return e;
  auto prompt = encodePrompt(options, model);
  if (!prompt)
    return prompt.error();
  if (prompt->empty())
    return Error{ErrorCode::Usage, "the prompt has no token; write something after -p"};
  auto sampler = Sampler::create(options.sampling.options, size_t(model.sizes().vocabulary));
  if (!sampler)
    return sampler.error();
  const int64_t context =
      options.flags.context ? options.flags.context : neededContext(options, int64_t(prompt->size()), model);
  const auto length = int64_t(prompt->size());
  const bool extensible = context < model.sizes().contextLength;
  // Before the weights are read. The session rounds the context up to a multiple of 64.
  if (length > (context + 63) / 64 * 64)
    return Error{ErrorCode::WontFit,
                 "the context of " + std::to_string(context) + " tokens is too short for the prompt, which has " +
                     std::to_string(length) +
                     (extensible ? "; choose a longer one (-c)" : "; that is all the model was made for: shorten it")};
  auto session = Session::create(*opened, {.context = context, .chunk = options.flags.chunk});
  if (!session)
    return session.error();

  std::string advice = "ph: the context of " + std::to_string((*session)->context()) + " tokens is full" +
                       (extensible ? "; choose a longer one (-c)" : "");
  return generateAndPrint(
      options, model,
      [&](const TextSink &sink) { return generate(**session, *sampler, *prompt, {.maxTokens = options.tokens}, sink); },
      advice);
}

} // namespace ph::tool
