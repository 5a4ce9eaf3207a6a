// ph bench: speed, beside what the machine could do at most.
#include "runtime/devices/Memory.h"
#include "runtime/devices/cpu/Probes.h"
#include "runtime/session/Embedder.h"
#include "runtime/session/Session.h"
#include "tools/ph/BenchEncoder.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include "tools/ph/Output.h"
#include "tools/ph/Source.h"
#include <chrono>
#include <cstdio>

namespace ph::tool {
namespace {

struct Options {
  std::string source;
  int64_t prompt = 512, tokens = 128, sequences = 1;
  int repetitions = 5;
  bool json = false;
  RunFlags flags;
};

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Ids that differ, so that no row of the embedding stays in a cache by accident.
std::vector<int32_t> someTokens(int64_t count, int64_t vocabulary) {
  std::vector<int32_t> tokens;
  for (int64_t i = 0; i < count; ++i)
    tokens.push_back(int32_t((100 + i * 7919) % vocabulary));
  return tokens;
}

/// What is measured, one entry per repetition.
struct Runs {
  std::vector<double> prefill, decode, read, fma; ///< tok/s, tok/s, GB/s, GFLOP/s
  double loadMs = 0, firstTokenMs = 0;
  uint64_t peakBytes = 0; ///< before the probes took memory for themselves
};

/// Tokens per second of appending `tokens` to an empty context, all at once or one by one.
Expected<double> rate(Session &session, std::span<const int32_t> tokens, bool oneByOne) {
  session.reset();
  const double begin = now();
  if (!oneByOne) {
    if (auto e = session.append(tokens))
      return e.error();
  } else {
    for (size_t i = 0; i < tokens.size(); ++i)
      if (auto e = session.append(tokens.subspan(i, 1)))
        return e.error();
  }
  return double(tokens.size()) / (now() - begin);
}

Status measure(const Options &options, Session &session, Runs &runs) {
  Model &model = session.model();
  const auto prompt = someTokens(options.prompt, model.sizes().vocabulary);
  const auto tokens = someTokens(options.tokens, model.sizes().vocabulary);
  // Repetition -1 warms up: pages are touched, threads woken.
  for (int i = -1; i < options.repetitions; ++i) {
    for (bool oneByOne : {false, true}) {
      const auto &text = oneByOne ? tokens : prompt;
      if (text.empty())
        continue;
      auto result = rate(session, text, oneByOne);
      if (!result)
        return result.error();
      if (i >= 0)
        (oneByOne ? runs.decode : runs.prefill).push_back(*result);
    }
    if (i < 0) {
      runs.peakBytes = peakResidentBytes();
      continue;
    }
    // The machine's own rates change with its neighbours' work: they are measured in between, not once.
    auto read = measureReadBandwidth(model.team(), 4);
    if (!read)
      return read.error();
    runs.read.push_back(median(*read));
    runs.fma.push_back(median(measureFma(model.team(), 2)));
  }
  return {};
}

void printReport(const Options &options, Model &model, const Runs &runs) {
  const Manifest &about = model.manifest();
  const double pp = median(runs.prefill), tg = median(runs.decode), read = median(runs.read), fma = median(runs.fma);
  const double readFraction = about.weightBytesPerToken * tg * 1e-9 / read;
  const double fmaFraction = about.flopPerToken * pp * 1e-9 / fma;
  const std::string ppName = "pp" + std::to_string(options.prompt), tgName = "tg" + std::to_string(options.tokens);
  if (options.json) {
    nlohmann::ordered_json result;
    if (options.prompt)
      result[ppName] = pp;
    if (options.tokens)
      result[tgName] = tg;
    result["read_gbs"] = read;
    result["fma_gflops"] = fma;
    if (options.tokens)
      result["read_fraction"] = readFraction;
    if (options.prompt)
      result["fma_fraction"] = fmaFraction;
    result["peak_rss"] = runs.peakBytes;
    result["load_ms"] = runs.loadMs;
    result["first_token_ms"] = runs.firstTokenMs;
    result["threads"] = model.team().size();
    result["level"] = model.level();
    result["activations"] = about.activations;
    result["model"] = about.name;
    result["pp_runs"] = runs.prefill;
    result["tg_runs"] = runs.decode;
    printJson(result);
    return;
  }
  printLine("%s, %s activations, %s, %d threads\n", about.name.c_str(), about.activations.c_str(),
            model.level().c_str(), model.team().size());
  if (options.prompt)
    printLine("%-8s %9.1f tok/s   %5.1f %% of %.1f GFLOP/s (f32 fma)\n", ppName.c_str(), pp, 100 * fmaFraction, fma);
  if (options.tokens)
    printLine("%-8s %9.1f tok/s   %5.1f %% of %.1f GB/s (read loop)\n", tgName.c_str(), tg, 100 * readFraction, read);
  printLine("load     %9.1f ms      first token after %.1f ms\n", runs.loadMs, runs.firstTokenMs);
  printLine("memory   %9s      at peak\n", formatBytes(runs.peakBytes).c_str());
}

Status bench(const Options &options) {
  auto path = findArtifact(options.source);
  if (!path)
    return path.error();
  Runs runs;
  const double begin = now();
  ModelOptions wanted = options.flags.model();
  wanted.text = false;
  auto model = Model::open(*path, wanted);
  if (!model)
    return model.error();
  if (isEncoder(**model)) {
    const int64_t length = std::clamp<int64_t>(options.prompt, 1, mostTokens(**model));
    if (auto e = (*model)->loadWeights(options.flags.map))
      return e;
    return benchEncoder(**model, {length, options.sequences, options.repetitions, options.json, 1e3 * (now() - begin)});
  }
  const int64_t context = std::max({options.flags.context, options.prompt, options.tokens, int64_t(1)});
  auto session = Session::create(*model, {.context = context, .chunk = options.flags.chunk});
  if (!session)
    return session.error();
  runs.loadMs = 1e3 * (now() - begin);
  const int32_t first = 0;
  if (auto e = (*session)->append({&first, 1}))
    return e;
  runs.firstTokenMs = 1e3 * (now() - begin);
  if (auto e = measure(options, **session, runs))
    return e;
  printReport(options, **model, runs);
  return {};
}

} // namespace

void addBench(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("bench", "Measure speed and memory");
  command->footer(
      "Examples:\n"
      "  ph bench smollm2.phx -p 512 -n 128 -t 2\n"
      "  ph bench smollm2.phx -p 0 -n 32 -r 10 --json\n"
      "  ph bench minilm.phx -p 128 --sequences 32\n"
      "Prefill and decode each begin with an empty context; medians of -r repetitions after one that warms\n"
      "up. The fractions compare with a plain read loop and with fused multiply-adds in registers,\n"
      "measured in between on the same threads. An encoder has no decode: so many sequences of -p tokens run\n"
      "together.");
  auto options = std::make_shared<Options>();
  command->add_option("ARTIFACT", options->source, "a compiled model (.phx), or the name smollm2")->required();
  command->add_option("-p,--prompt", options->prompt, "tokens of prefill; 0: none")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 24))
      ->capture_default_str();
  command->add_option("-n,--tokens", options->tokens, "tokens of decode; 0: none")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 24))
      ->capture_default_str();
  command->add_option("--sequences", options->sequences, "of an encoder: texts that run together")
      ->check(CLI::Range(int64_t(1), int64_t(65536)))
      ->capture_default_str();
  command->add_option("-r,--repetitions", options->repetitions, "how often")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "one JSON object");
  options->flags.add(*command);
  command->callback([=, &chosen] { chosen = [=] { return bench(*options); }; });
}

} // namespace ph::tool
