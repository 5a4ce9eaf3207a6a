// ph embed: vectors of texts and images.
#include "runtime/session/Embedder.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include "tools/ph/Output.h"
#include "tools/ph/Source.h"
#include <charconv>
#include <cstdio>

namespace ph::tool {
namespace {

/// Texts that are tokenized and run together, so that memory stays small however many there are.
constexpr size_t kTextsAtATime = 1024;

struct Options {
  std::string source, file = "-", pooling;
  std::vector<std::string> prompts, images;
  bool keepLength = false, json = false;
  RunFlags flags;
};

void printEmbedding(const Embedding &embedding, bool json) {
  std::string line = json ? "{\"tokens\":" + std::to_string(embedding.tokens) + ",\"embedding\":[" : "";
  for (size_t i = 0; i < embedding.values.size(); ++i) {
    char digits[32];
    auto end = std::to_chars(digits, digits + sizeof digits, embedding.values[i]).ptr;
    if (i)
      line += json ? ',' : ' ';
    line.append(digits, end);
  }
  print(line + (json ? "]}\n" : "\n"));
}

std::vector<std::string> splitLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Status embedPictures(const Options &options) {
  auto path = findArtifact(options.source);
  if (!path)
    return path.error();
  ModelOptions wanted = options.flags.model();
  wanted.text = false;
  auto model = Model::open(*path, wanted);
  if (!model)
    return model.error();
  auto embeddings = embedImages(**model, options.images, !options.keepLength);
  if (!embeddings)
    return embeddings.error();
  for (const Embedding &embedding : *embeddings)
    printEmbedding(embedding, options.json);
  return {};
}

Status embed(const Options &options) {
  if (!options.images.empty())
    return embedPictures(options);
  auto texts = options.prompts;
  if (texts.empty()) {
    auto text = readFile(options.file);
    if (!text)
      return text.error();
    texts = splitLines(*text);
  }
  auto path = findArtifact(options.source);
  if (!path)
    return path.error();
  auto model = Model::open(*path, options.flags.model());
  if (!model)
    return model.error();
  auto rules = EmbeddingRules::of((*model)->metadata(), parsePoolingKind(options.pooling));
  if (!rules)
    return rules.error();
  rules->normalize &= !options.keepLength;
  auto embedder = Embedder::create(**model, *rules);
  if (!embedder)
    return embedder.error();
  size_t cut = 0;
  for (size_t begin = 0; begin < texts.size(); begin += kTextsAtATime) {
    auto some = std::span(texts).subspan(begin, std::min(kTextsAtATime, texts.size() - begin));
    auto embeddings = embedder->embed(some);
    if (!embeddings)
      return embeddings.error();
    for (const Embedding &embedding : *embeddings) {
      printEmbedding(embedding, options.json);
      cut += embedding.cut;
    }
  }
  if (cut)
    std::fprintf(stderr, "ph: warning: %zu of %zu texts were longer than the model takes, and cut\n", cut,
                 texts.size());
  return {};
}

} // namespace

void addEmbed(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("embed", "Make vectors of texts or images");
  command->footer(
      "Examples:\n"
      "  ph embed minilm -p \"A man is eating food.\"\n"
      "  ph embed minilm.phx -f sentences.txt --json > vectors.jsonl\n"
      "  sort -u words.txt | ph embed minilm.phx --pooling cls --no-normalize\n"
      "  ph embed clip.phx --image cat.png --image dog.jpg\n"
      "Prints a line for each text or image: its numbers, or with --json an object with tokens and embedding.\n"
      "Texts of like length run together; a text's vector doesn't depend on its company.");
  auto options = std::make_shared<Options>();
  command->add_option("ARTIFACT", options->source, "a compiled encoder (.phx), or the name minilm")->required();
  auto *prompt = command->add_option("-p,--prompt", options->prompts, "a text; may be given several times");
  command->add_option("-f,--file", options->file, "a file with a text a line; - is standard input")
      ->excludes(prompt)
      ->capture_default_str();
  command->add_option("--image", options->images, "a PNG or JPEG instead of a text; may be given several times")
      ->excludes(prompt);
  command
      ->add_option("--pooling", options->pooling,
                   "how the vectors of a text's tokens become one; default: what the model's folder says, else mean")
      ->check(CLI::IsMember({"mean", "cls", "last"}));
  command->add_flag("--no-normalize", options->keepLength, "leave vectors as long as they are");
  command->add_flag("--json", options->json, "one JSON object a line");
  options->flags.add(*command, /*withContext=*/false);
  command->callback([=, &chosen] { chosen = [=] { return embed(*options); }; });
}

} // namespace ph::tool
