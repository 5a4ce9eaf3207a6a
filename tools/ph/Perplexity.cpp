// ph perplexity: how well a model predicts a text, scored as llama-perplexity does.
#include "runtime/session/Perplexity.h"
#include "runtime/base/Progress.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include "tools/ph/Output.h"
#include "tools/ph/Source.h"
#include <cmath>
#include <numeric>

namespace ph::tool {
namespace {

struct Options {
  std::string source, file, activations;
  int64_t window = 512, chunks = 0;
  bool json = false;
  RunFlags flags;
};

Status perplexity(const Options &options) {
  auto text = readFile(options.file);
  if (!text)
    return text.error();
  auto artifact = CompiledArtifact::of(options.source, {options.activations, "", ""});
  if (!artifact)
    return artifact.error();
  auto model = Model::open(artifact->path(), options.flags.model());
  if (!model)
    return model.error();
  const Tokenizer &tokenizer = (*model)->tokenizer();
  auto tokens = tokenizer.encode(*text);
  if (!tokens)
    return tokens.error();
  const auto windows = perplexityWindows(*tokens, options.window, options.chunks, tokenizer);
  if (windows.empty())
    return Error{ErrorCode::Usage, options.file + ": has " + std::to_string(tokens->size()) +
                                       " tokens, which is less than one window of " + std::to_string(options.window) +
                                       "; choose a shorter one (-c)"};
  auto session =
      Session::create(*model, {.context = options.window, .chunk = options.flags.chunk, .logitRows = kScoredRows});
  if (!session)
    return session.error();

  // The first half of each window is context only.
  double sum = 0;
  int64_t count = 0;
  std::vector<double> means;
  Progress progress("perplexity", windows.size());
  for (const auto &window : windows) {
    auto losses = windowLosses(**session, window, options.window / 2);
    if (!losses)
      return losses.error();
    const double total = std::accumulate(losses->begin(), losses->end(), 0.0);
    sum += total;
    count += int64_t(losses->size());
    means.push_back(total / double(losses->size()));
    progress.update(means.size());
  }
  const double result = std::exp(sum / double(count));
  if (options.json) {
    printJson({{"perplexity", result}, {"windows", means}});
    return {};
  }
  for (size_t i = 0; i < means.size(); ++i)
    printLine("window %zu: mean loss %.4f\n", i + 1, means[i]);
  printLine("perplexity %.4f over %lld predictions\n", result, static_cast<long long>(count));
  return {};
}

} // namespace

void addPerplexity(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("perplexity", "Measure how well a model predicts a text");
  command->footer("Examples:\n"
                  "  ph perplexity smollm2.phx -f text.txt -c 512 --chunks 16\n"
                  "  ph perplexity model.gguf -f text.txt --activations f32 --json\n"
                  "Windows and scoring are llama-perplexity's: of each window of -c tokens the second half counts.\n"
                  "A model is compiled first, to a file that is removed afterwards.");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->source, "an artifact, a model, or the name smollm2")->required();
  command->add_option("-f,--file", options->file, "the text; - is standard input")->required();
  command->add_option("-c,--context", options->window, "tokens of a window")
      ->check(CLI::Range(int64_t(4), int64_t(1) << 24))
      ->capture_default_str();
  command->add_option("--chunks", options->chunks, "most windows; default: all")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 40));
  command->add_option("--activations", options->activations, "how a model is compiled: f32 or int8")
      ->check(CLI::IsMember({"f32", "int8"}));
  command->add_flag("--json", options->json, "{\"perplexity\": ..., \"windows\": [mean loss of each]}");
  options->flags.add(*command, /*withContext=*/false);
  command->callback([=, &chosen] { chosen = [=] { return perplexity(*options); }; });
}

} // namespace ph::tool
