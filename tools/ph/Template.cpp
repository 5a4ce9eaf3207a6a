// ph template: a conversation as a model's template writes it.
#include "runtime/base/Json.h"
#include "runtime/chat/ChatFormat.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include "tools/ph/Metadata.h"
#include "tools/ph/Output.h"
#include <filesystem>
#include <fstream>

namespace ph::tool {
namespace {

struct Options {
  std::string source, messages, bos, eos, now;
  bool hasBos = false, hasEos = false, hasNow = false, noGenerationPrompt = false;
};

/// Whether a file holds the text of a template: it is no model, artifact or part of a folder's tokenizer.
bool isTemplateText(const std::string &path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || std::filesystem::path(path).extension() == ".json")
    return false;
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  const std::string_view begin(magic, sizeof magic);
  return begin != "GGUF" && begin != "\177ELF" && !Artifact::isArtifact(path);
}

/// A template's text, and the special tokens of its model.
struct TemplateSource {
  std::string text, bos, eos;
};

Expected<TemplateSource> readSource(const std::string &path) {
  TemplateSource source;
  if (isTemplateText(path)) {
    auto text = readFile(path);
    if (!text)
      return text.error();
    source.text = std::move(*text);
    return source;
  }
  auto metadata = Metadata::openText(path);
  if (!metadata)
    return metadata.error();
  const GgufValue *value = metadata->keys().find(chatTemplateKey);
  auto text = value ? value->asString() : std::nullopt;
  if (!text)
    return Error{ErrorCode::BadModel, path + ": the model has no chat template (key '" + std::string(chatTemplateKey) +
                                          "'); give one as a .jinja file"};
  source.text = *text;
  if (Tokenizer::isIn(metadata->keys())) {
    auto tokenizer = Tokenizer::create(metadata->keys());
    if (!tokenizer)
      return tokenizer.error();
    source.bos = (*tokenizer)->bosText();
    source.eos = (*tokenizer)->eosText();
  }
  return source;
}

Expected<nlohmann::ordered_json> readMessages(const std::string &path) {
  auto text = readFile(path);
  if (!text)
    return text.error();
  // Checked first; then again with the members of objects in their order.
  auto checked = parseJson(*text, path);
  if (!checked)
    return Error{ErrorCode::Usage, checked.error().message};
  if (!checked->is_array())
    return Error{ErrorCode::Usage, path + ": is no array of messages, each an object with role and content"};
  return nlohmann::ordered_json::parse(*text, nullptr, /*allow_exceptions=*/false);
}

Status render(const Options &options) {
  auto source = readSource(options.source);
  if (!source)
    return source.error();
  auto messages = readMessages(options.messages);
  if (!messages)
    return messages.error();
  auto parsed = Template::parse(source->text);
  if (!parsed)
    return Error{parsed.error().code, options.source + ": " + parsed.error().message};
  RenderOptions render;
  render.bos = options.hasBos ? options.bos : source->bos;
  render.eos = options.hasEos ? options.eos : source->eos;
  render.addGenerationPrompt = !options.noGenerationPrompt;
  if (options.hasNow)
    render.formatTime = [&](std::string_view) { return options.now; };
  auto text = parsed->render(*messages, render);
  if (!text)
    return text.error();
  print(*text);
  return {};
}

} // namespace

void addTemplate(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("template", "Show a conversation as a model's chat template writes it");
  command->footer("Examples:\n"
                  "  ph template smollm2 --messages conversation.json\n"
                  "  ph template chat.jinja --messages - --bos '<s>' --eos '</s>' --no-generation-prompt\n"
                  "The messages are an array of objects with role and content. `tools` is none.");
  auto options = std::make_shared<Options>();
  command
      ->add_option(
          "MODEL", options->source,
          "a model, an artifact, the name smollm2, a folder of the Hugging Face hub, or a file with a template")
      ->required();
  command->add_option("--messages", options->messages, "a file with the messages in JSON; - is standard input")
      ->required();
  auto *bos = command->add_option("--bos", options->bos, "the text of BOS; default: the model's");
  auto *eos = command->add_option("--eos", options->eos, "the text of EOS; default: the model's");
  command->add_flag("--no-generation-prompt", options->noGenerationPrompt, "without the beginning of an answer");
  auto *now = command->add_option("--now", options->now, "what strftime_now gives; default: the local time");
  command->callback([=, &chosen] {
    options->hasBos = bos->count() != 0;
    options->hasEos = eos->count() != 0;
    options->hasNow = now->count() != 0;
    chosen = [=] { return render(*options); };
  });
}

} // namespace ph::tool
