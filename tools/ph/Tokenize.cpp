// ph tokenize: the ids of a text.
#include "runtime/base/Json.h"
#include "runtime/session/Model.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include "tools/ph/Metadata.h"
#include "tools/ph/Output.h"

namespace ph::tool {
namespace {

struct Options {
  std::string source, prompt, file, pair;
  bool hasPrompt = false, hasPair = false, noSpecial = false, json = false, lines = false, decoded = false;
};

/// The text of the bytes, as a JSON string; what is no UTF-8 becomes U+FFFD.
std::string quoted(const std::string &bytes) {
  return nlohmann::json(bytes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void printIds(const std::vector<int32_t> &ids) {
  std::string line = "[";
  for (size_t i = 0; i < ids.size(); ++i)
    line += (i ? "," : "") + std::to_string(ids[i]);
  print(line + "]\n");
}

/// One array of ids, or what they decode to, for each line, a JSON string.
Status tokenizeLines(const Tokenizer &tokenizer, std::string_view text, const EncodeOptions &encode, bool decoded) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    auto line = parseJson(text.substr(0, end), "line " + std::to_string(number));
    if (!line || !line->is_string())
      return Error{ErrorCode::Usage,
                   line ? "line " + std::to_string(number) + " is no JSON string" : line.error().message};
    auto ids = tokenizer.encode(line->get_ref<const std::string &>(), encode);
    if (!ids)
      return ids.error();
    if (decoded)
      print(quoted(tokenizer.decode(*ids)) + "\n");
    else
      printIds(*ids);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

/// Two texts in their template: ids and types, a line of each token or two arrays.
Status tokenizePair(const Tokenizer &tokenizer, const Options &options) {
  auto pair = tokenizer.encodePair(options.prompt, options.pair);
  if (!pair)
    return pair.error();
  if (options.json) {
    printIds(pair->ids);
    printIds(pair->types);
    return {};
  }
  for (size_t i = 0; i < pair->ids.size(); ++i)
    print(std::to_string(pair->ids[i]) + "\t" + std::to_string(pair->types[i]) + "\t" +
          quoted(tokenizer.decode({&pair->ids[i], 1})) + "\n");
  return {};
}

Status tokenize(const Options &options) {
  auto metadata = Metadata::openText(options.source);
  if (!metadata)
    return metadata.error();
  auto tokenizer = Tokenizer::create(metadata->keys());
  if (!tokenizer)
    return tokenizer.error();
  if (options.hasPair)
    return tokenizePair(**tokenizer, options);
  auto text = options.hasPrompt ? Expected<std::string>(options.prompt) : readFile(options.file);
  if (!text)
    return text.error();
  const EncodeOptions encode = {.addSpecial = !options.noSpecial};
  if (options.lines)
    return tokenizeLines(**tokenizer, *text, encode, options.decoded);
  auto ids = (*tokenizer)->encode(*text, encode);
  if (!ids)
    return ids.error();
  if (options.json)
    printIds(*ids);
  else if (options.decoded)
    print(quoted((*tokenizer)->decode(*ids)) + "\n");
  else
    for (int32_t id : *ids)
      print(std::to_string(id) + "\t" + quoted((*tokenizer)->decode({&id, 1})) + "\n");
  return {};
}

} // namespace

void addTokenize(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("tokenize", "Show the token ids of a text");
  command->footer("Examples:\n"
                  "  ph tokenize smollm2 -p \"Hello world\"\n"
                  "  ph tokenize model.gguf -f text.txt --no-special --json\n"
                  "  ph tokenize tokenizer.json -f texts.jsonl --lines\n"
                  "Bytes are taken verbatim; special tokens written in the text are parsed.");
  auto options = std::make_shared<Options>();
  command
      ->add_option("MODEL", options->source,
                   "a model (a vocabulary alone will do), an artifact, the name smollm2, a folder of the Hugging Face "
                   "hub, or its tokenizer.json, tokenizer.model or vocab.txt alone")
      ->required();
  auto *prompt = command->add_option("-p,--prompt", options->prompt, "the text");
  auto *file = command->add_option("-f,--file", options->file, "a file with the text; - is standard input");
  prompt->excludes(file);
  auto *pair = command
                   ->add_option("--pair", options->pair,
                                "a second text, in the tokenizer's template for two: each token's type is shown, too")
                   ->needs(prompt);
  command->add_flag("--no-special", options->noSpecial, "add no BOS or EOS");
  command->add_flag("--json", options->json, "print the array of ids alone");
  command->add_flag("--decoded", options->decoded, "print the text that the ids stand for, as a JSON string")
      ->excludes("--json");
  command->add_flag("--lines", options->lines, "the file has a text a line, as JSON strings; print an array for each");
  command->callback([=, &chosen] {
    if (prompt->count() + file->count() == 0)
      throw CLI::RequiredError("--prompt or --file");
    options->hasPrompt = prompt->count() != 0;
    options->hasPair = pair->count() != 0;
    chosen = [=] { return tokenize(*options); };
  });
}

} // namespace ph::tool
