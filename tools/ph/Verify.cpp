// ph verify: compares a model with what an independent program computed (test/Data/smollm2.json and the like).
#include "runtime/base/Progress.h"
#include "runtime/session/Perplexity.h"
#include "tools/ph/Checks.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include "tools/ph/Output.h"
#include "tools/ph/Recorded.h"
#include "tools/ph/Source.h"
#include "tools/ph/VerifyTensors.h"
#include "tools/ph/VerifyTraining.h"
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace ph::tool {
namespace {

constexpr double kLogitTolerance = 2e-3, kLossTolerance = 1e-3, kInt8PerplexityTolerance = 0.01;

struct Options {
  std::string source, tensors, prompts, text;
  double tolerance = 1e-4;
  bool json = false;
  RunFlags flags;
  TrainingCheck training;
  std::map<std::string, double> numbers; ///< of the objective
};

/// What may be said of objectives (TrainingOptions): the flag's name and the option's.
constexpr std::pair<const char *, const char *> objectiveNumbers[] = {{"--beta", "beta"},
                                                                      {"--margin", "margin"},
                                                                      {"--lambda", "lambda"},
                                                                      {"--gamma", "gamma"},
                                                                      {"--gae-lambda", "gae_lambda"},
                                                                      {"--clip", "clip"},
                                                                      {"--temperature", "temperature"},
                                                                      {"--weight-decay", "weight_decay"},
                                                                      {"--max-grad-norm", "max_norm"}};

int32_t likeliest(std::span<const float> logits) {
  return int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

class Verification {
public:
  Verification(Session &session, const Recorded &recorded, bool exact)
      : session(session), recorded(recorded), exact(exact) {}

  Status prompts() {
    for (size_t i = 0; i < recorded.prompts.size(); ++i)
      if (auto e = prompt("prompt " + std::to_string(i + 1), recorded.prompts[i]))
        return e;
    return {};
  }

  /// Both scorings are of the same windows: `text` all predictions of the first ones, `perplexity16` the second half of
  /// each.
  Status text(const std::string &bytes) {
    auto tokens = session.model().tokenizer().encode(bytes, {.addSpecial = false});
    if (!tokens)
      return tokens.error();
    auto first = std::span(*tokens).first(std::min(tokens->size(), recorded.firstTokens.size()));
    add({"text: first token ids", 0, 0,
         std::equal(first.begin(), first.end(), recorded.firstTokens.begin(), recorded.firstTokens.end()), ""});
    const auto width = size_t(recorded.window);
    const size_t count = std::max(recorded.windowMeans.size(), recorded.halfSums.size());
    if (tokens->size() < width * count)
      return Error{ErrorCode::Usage, "the text has " + std::to_string(tokens->size()) + " tokens, but " +
                                         std::to_string(width * count) + " are recorded; give the same text"};
    std::vector<double> means, halves;
    Progress progress("text", count);
    for (size_t i = 0; i < count; ++i) {
      const bool whole = exact && i < recorded.windowMeans.size();
      const size_t half = width / 2;
      auto losses = windowLosses(session, std::span(*tokens).subspan(i * width, width), whole ? 0 : int64_t(half));
      if (!losses)
        return losses.error();
      if (whole)
        means.push_back(std::accumulate(losses->begin(), losses->end(), 0.0) / double(losses->size()));
      if (i < recorded.halfSums.size())
        halves.push_back(std::accumulate(losses->end() - ptrdiff_t(width - 1 - half), losses->end(), 0.0));
      progress.update(i + 1);
    }
    compareLosses(means, halves, double(width - 1 - width / 2));
    return {};
  }

  void add(Check check) { checks.push_back(std::move(check)); }
  std::vector<Check> checks;

private:
  Status prompt(const std::string &name, const RecordedPrompt &expected) {
    auto ids = session.model().tokenizer().encode(expected.text, {.addSpecial = false});
    if (!ids)
      return ids.error();
    add({name + ": token ids", 0, 0, *ids == expected.ids, *ids == expected.ids ? "" : "tokenized differently"});
    session.reset();
    if (auto e = session.append(expected.ids))
      return e;
    double largest = 0;
    for (size_t i = 0; i < expected.topIds.size(); ++i)
      largest =
          std::max(largest, std::abs(double(session.logits()[size_t(expected.topIds[i])]) - expected.topLogits[i]));
    // NaN must not pass, so the comparison is for what is good.
    if (exact)
      add({name + ": top logits", largest, kLogitTolerance, largest <= kLogitTolerance, ""});

    size_t agreed = 0;
    for (; agreed < expected.greedyIds.size(); ++agreed) {
      if (likeliest(session.logits()) != expected.greedyIds[agreed])
        break;
      if (agreed + 1 < expected.greedyIds.size())
        if (auto e = session.append(std::span(expected.greedyIds).subspan(agreed, 1)))
          return e;
    }
    const bool all = agreed == expected.greedyIds.size();
    if (exact)
      add({name + ": greedy ids", 0, 0, all,
           all ? ""
               : "id " + std::to_string(agreed + 1) + " of " + std::to_string(expected.greedyIds.size()) + " differs"});
    return {};
  }

  void compareLosses(const std::vector<double> &means, const std::vector<double> &halves, double predictions) {
    const double count = predictions * double(halves.size());
    const double perplexity = std::exp(std::accumulate(halves.begin(), halves.end(), 0.0) / count);
    if (!exact) {
      const double error = std::abs(perplexity / recorded.perplexity - 1);
      add({"perplexity", error, kInt8PerplexityTolerance, error <= kInt8PerplexityTolerance,
           std::to_string(perplexity) + " against " + std::to_string(recorded.perplexity)});
      return;
    }
    auto compare = [&](const char *name, const std::vector<double> &got, const std::vector<double> &expected,
                       double scale) {
      double largest = 0;
      bool passed = got.size() == expected.size();
      for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
        const double error = std::abs(got[i] - expected[i]) / scale;
        largest = std::max(largest, error);
        passed &= error <= kLossTolerance;
      }
      add({name, largest, kLossTolerance, passed, std::to_string(got.size()) + " windows"});
    };
    compare("text: mean losses", means, recorded.windowMeans, 1);
    compare("perplexity16: mean losses", halves, recorded.halfSums, predictions);
  }

  Session &session;
  const Recorded &recorded;
  const bool exact;
};

Status verifyObjective(const Options &options) {
  if (options.tensors.empty())
    return Error{ErrorCode::Usage, "give a file of inputs, loss and gradients (EXPECTED) with --objective"};
  TrainingCheck check = options.training;
  check.numbers = options.numbers;
  if (check.learningRate == 0)
    check.learningRate = check.adapter.empty() ? 1e-3 : 1e-2;
  return verifyTraining(options.source, options.tensors, check, options.flags, options.json);
}

Status verify(const Options &options) {
  if (!options.training.objective.empty())
    return verifyObjective(options);
  RunFlags flags = options.flags;
  flags.adapter = options.training.adapter;
  if (options.tensors.empty() == options.prompts.empty())
    return Error{ErrorCode::Usage, "give either a file of expected tensors (EXPECTED) or recorded prompts (--prompts)"};
  if (!options.tensors.empty())
    return verifyTensors(options.source, options.tensors, options.tolerance, flags, options.json);
  auto recorded = Recorded::read(options.prompts);
  if (!recorded)
    return recorded.error();
  if (!options.text.empty() &&
      (recorded->firstTokens.empty() || recorded->windowMeans.empty() || recorded->halfSums.empty()))
    return Error{ErrorCode::BadModel, options.prompts + ": 'text' or 'perplexity16' is missing or empty, so that there "
                                                        "is nothing to compare with --text"};
  Expected<std::string> text = std::string();
  if (!options.text.empty() && !(text = readFile(options.text)))
    return text.error();
  auto artifact = CompiledArtifact::of(options.source, {"f32", "", ""});
  if (!artifact)
    return artifact.error();
  auto model = Model::open(artifact->path(), flags.model());
  if (!model)
    return model.error();
  if (auto e = recorded->check((*model)->sizes().vocabulary))
    return e;
  const int64_t context = std::max(recorded->window, recorded->longestPrompt());
  auto session = Session::create(*model, {.context = context, .chunk = options.flags.chunk, .logitRows = kScoredRows});
  if (!session)
    return session.error();
  const bool exact = (*model)->manifest().activations == "f32";
  Verification verification(**session, *recorded, exact);
  if (auto e = verification.prompts())
    return e;
  if (!options.text.empty())
    if (auto e = verification.text(*text))
      return e;
  printChecks(verification.checks,
              exact
                  ? "f32 activations: token ids and greedy ids exact, top logits within 2e-3, mean losses within 1e-3"
                  : "int8 activations: token ids exact, perplexity within 1 %; logits and greedy ids are not compared",
              options.json);
  if (auto e = finishOutput())
    return e;
  return allPassed(verification.checks) ? Status() : Status(Error{ErrorCode::Failed, ""});
}

} // namespace

void addVerify(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("verify", "Compare a model with recorded results of another program");
  command->footer(
      "Examples:\n"
      "  ph verify smollm2 --prompts smollm2.json --text perplexity.txt\n"
      "  ph verify smollm2-f32.phx --prompts smollm2.json --json\n"
      "  ph verify models/llama expected.safetensors --atol 1e-4\n"
      "  ph verify models/llama dpo.safetensors --objective=dpo --scale-matrices 1.02\n"
      "A model is compiled with f32 activations first, to a file that is removed afterwards. Of an artifact\n"
      "with int8 activations, token ids and perplexity are compared. EXPECTED holds input_ids, attention_mask (rows\n"
      "with 0 are left out), and what another program gave for them: logits, greedy and beam4 continuations.\n"
      "Exit code 1 if anything differs.");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->source, "an artifact, a model, or the name smollm2")->required();
  command->add_option("EXPECTED", options->tensors, "inputs and expected outputs (safetensors)");
  command->add_option("--atol", options->tolerance, "largest error of an expected output; 0: the same bits")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--prompts", options->prompts, "the recorded results (JSON)");
  command->add_option("--text", options->text, "the text that the recorded losses are of");
  command->add_flag("--json", options->json, "one JSON object");
  TrainingCheck &training = options->training;
  auto *objective =
      command->add_option("--objective", training.objective,
                          "compare loss, gradients and AdamW's steps of a training instead: clm, mlm, reward, dpo, "
                          "ipo, orpo, simpo, kto, ppo or distill");
  command->add_option("--steps", training.steps, "steps of AdamW; default: as many as EXPECTED has losses")
      ->check(CLI::PositiveNumber)
      ->needs(objective);
  command->add_option("--scale-matrices", training.matrixScale, "multiply each matrix of the model with this first")
      ->needs(objective);
  command->add_option("--micro-batches", training.microBatches, "give the batch in so many parts")
      ->check(CLI::PositiveNumber)
      ->needs(objective);
  command->add_option(
      "--adapter", training.adapter,
      "an adapter that the artifact holds; with --objective: a folder in PEFT's layout, which is trained "
      "instead of the model");
  command->add_option("--learning-rate", training.learningRate, "the largest rate; default: 1e-3, 1e-2 of adapters")
      ->needs(objective);
  for (const auto &[flag, name] : objectiveNumbers)
    command
        ->add_option_function<double>(
            flag, [options, key = std::string(name)](double v) { options->numbers[key] = v; },
            "a number of the objective or of AdamW (see its paper)")
        ->needs(objective);
  options->flags.add(*command, /*withContext=*/false);
  command->callback([=, &chosen] { chosen = [=] { return verify(*options); }; });
}

} // namespace ph::tool
