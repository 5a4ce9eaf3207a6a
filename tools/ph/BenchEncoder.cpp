#include "tools/ph/BenchEncoder.h"
#include "runtime/devices/cpu/Probes.h"
#include "tools/ph/Output.h"
#include <algorithm>
#include <chrono>
#include <string>

namespace ph::tool {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

} // namespace

bool isEncoder(const Model &model) {
  const Program *forward = model.program("forward");
  if (!forward || forward->info().findInput("input_ids") < 0)
    return false;
  const auto &inputs = forward->info().inputs;
  return std::all_of(inputs.begin(), inputs.end(), [](const ProgramTensor &input) {
    return input.name == "input_ids" || input.name == "attention_mask";
  });
}

Status benchEncoder(Model &model, const EncoderBench &options) {
  const int64_t vocabulary = model.sizes().vocabulary;
  std::vector<int32_t> ids, mask(size_t(options.length * options.sequences), 1);
  // Ids that differ, so that no row of the embedding stays in a cache by accident.
  for (int64_t i = 0; i < int64_t(mask.size()); ++i)
    ids.push_back(int32_t((100 + i * 7919) % vocabulary));
  const std::vector<int64_t> shape = {options.sequences, options.length};
  const std::map<std::string, HostTensor> inputs = {{"input_ids", HostTensor::ofIntegers(shape, ids)},
                                                    {"attention_mask", HostTensor::ofIntegers(shape, mask)}};
  Region arena;
  std::vector<double> seconds, fma;
  // Repetition -1 warms up: pages are touched, threads woken.
  for (int i = -1; i < options.repetitions; ++i) {
    const double begin = now();
    auto results = model.program("forward")->run(model.team(), model.weights(), inputs, &arena);
    if (!results)
      return results.error();
    if (i < 0)
      continue;
    seconds.push_back(now() - begin);
    // The machine's own rate changes with its neighbours' work: it is measured in between, not once.
    fma.push_back(median(measureFma(model.team(), 2)));
  }
  const Manifest &about = model.manifest();
  const double middle = median(seconds), rate = median(fma);
  const double tokens = double(ids.size()) / middle, fraction = about.flopPerToken * tokens * 1e-9 / rate;
  if (options.json) {
    printJson({{"seconds", middle},
               {"tokens_per_second", tokens},
               {"fma_gflops", rate},
               {"fma_fraction", fraction},
               {"length", options.length},
               {"sequences", options.sequences},
               {"load_ms", options.loadMs},
               {"peak_rss", peakResidentBytes()},
               {"threads", model.team().size()},
               {"level", model.level()},
               {"model", about.name},
               {"runs", seconds}});
    return {};
  }
  printLine("%s, %s activations, %s, %d threads\n", about.name.c_str(), about.activations.c_str(),
            model.level().c_str(), model.team().size());
  printLine("%lld x %lld tokens  %9.2f ms   %9.1f tok/s   %5.1f %% of %.1f GFLOP/s (f32 fma)\n",
            static_cast<long long>(options.sequences), static_cast<long long>(options.length), 1e3 * middle, tokens,
            100 * fraction, rate);
  printLine("load     %9.1f ms\n", options.loadMs);
  printLine("memory   %9s      at peak\n", formatBytes(peakResidentBytes()).c_str());
  return {};
}

} // namespace ph::tool
