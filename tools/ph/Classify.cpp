// ph classify: labels of a text, its tokens, or an image.
#include "runtime/session/Classifier.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include "tools/ph/Output.h"
#include "tools/ph/Source.h"

namespace ph::tool {
namespace {

struct Options {
  std::string source, prompt, pair, image;
  bool hasPrompt = false, hasPair = false, json = false;
  int top = 5;
  RunFlags flags;
};

void printLabels(const Classified &classified, const Options &options) {
  const size_t count = std::min(classified.labels.size(), size_t(options.top));
  if (options.json) {
    nlohmann::ordered_json result, labels = nlohmann::ordered_json::array();
    if (!classified.text.empty())
      result["token"] = classified.text;
    for (size_t i = 0; i < count; ++i)
      labels.push_back({{"label", classified.labels[i].name}, {"score", classified.labels[i].score}});
    result["labels"] = std::move(labels);
    printJson(result);
    return;
  }
  if (!classified.text.empty()) {
    print(classified.text + "\n");
  }
  for (size_t i = 0; i < count; ++i) {
    char score[32];
    std::snprintf(score, sizeof score, "%9.6f  ", classified.labels[i].score);
    print((classified.text.empty() ? "" : "  ") + (score + classified.labels[i].name) + "\n");
  }
}

Status classify(const Options &options) {
  auto path = findArtifact(options.source);
  if (!path)
    return path.error();
  ModelOptions wanted = options.flags.model();
  wanted.text = options.hasPrompt;
  auto model = Model::open(*path, wanted);
  if (!model)
    return model.error();
  auto classifier = Classifier::create(**model);
  if (!classifier)
    return classifier.error();
  auto results = options.hasPair     ? classifier->classifyPair(options.prompt, options.pair)
                 : options.hasPrompt ? classifier->classifyText(options.prompt)
                                     : classifier->classifyImage(options.image);
  if (!results)
    return results.error();
  for (const Classified &classified : *results)
    printLabels(classified, options);
  return {};
}

} // namespace

void addClassify(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("classify", "Label a text, its tokens, or an image");
  command->footer(
      "Examples:\n"
      "  ph classify sentiment.phx -p \"What a lovely day.\"\n"
      "  ph classify nli.phx -p \"It rains.\" --pair \"The street is wet.\"\n"
      "  ph classify vit.phx --image cat.png --top 3 --json\n"
      "  ph classify bert.phx -p \"Paris is the [MASK] of France.\"\n"
      "Prints probability and label, the likeliest first; of a model that labels tokens, or fills in masks,\n"
      "each token and then its labels. With --json an object a line.");
  auto options = std::make_shared<Options>();
  command->add_option("ARTIFACT", options->source, "a compiled model with a head for labels (.phx)")->required();
  auto *prompt = command->add_option("-p,--prompt", options->prompt, "the text");
  auto *pair =
      command->add_option("--pair", options->pair, "a second text, for a model that compares two")->needs(prompt);
  auto *image = command->add_option("--image", options->image, "a PNG or JPEG")->excludes(prompt);
  command->add_option("--top", options->top, "how many labels to print")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_flag("--json", options->json, "one JSON object a line");
  options->flags.add(*command, /*withContext=*/false);
  command->callback([=, &chosen] {
    if (prompt->count() + image->count() == 0)
      throw CLI::RequiredError("--prompt or --image");
    options->hasPrompt = prompt->count() != 0;
    options->hasPair = pair->count() != 0;
    chosen = [=] { return classify(*options); };
  });
}

} // namespace ph::tool
