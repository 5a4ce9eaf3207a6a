#include "tools/ph/InitialWeights.h"
#include "runtime/base/Philox.h"
#include "tools/ph/TrainedTensors.h"
#include <bit>
#include <cmath>
#include <numbers>

namespace ph::tool {
namespace {

/// Numbers 2 i and 2 i + 1 of a normal distribution (Box and Muller 1958), from two words of bits.
std::pair<double, double> normalPair(uint64_t bits) {
  const double u = (double(bits & UINT32_MAX) + 1) / 4294967296.0, v = double(bits >> 32) / 4294967296.0;
  const double radius = std::sqrt(-2 * std::log(u)), angle = 2 * std::numbers::pi * v;
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

/// Matrices become normal with the deviation 0.02 (GPT-2's initialization); vectors stay as they are: norms and biases
/// begin with what their families begin with, as far as the model has not been trained.
void randomize(const TrainedWeight &weight, uint32_t number, uint64_t seed, std::span<float> values) {
  constexpr uint32_t weightStream = 3; // beside those of EpochOrder
  if (weight.rank < 2)
    return;
  const CounterRandom random(seed, weightStream, number);
  for (size_t i = 0; i < values.size(); i += 2) {
    const auto [a, b] = normalPair(random.bits(i / 2));
    values[i] = float(0.02 * a);
    if (i + 1 < values.size())
      values[i + 1] = float(0.02 * b);
  }
}

/// An adapter begins as nothing: its first matrix uniform within 1 / √columns (as PEFT has it), its second 0.
void beginAdapter(const TrainedWeight &weight, int64_t rank, uint32_t number, uint64_t seed, std::span<float> values) {
  constexpr uint32_t adapterStream = 4;
  if (weight.tensors.front().find(".lora_A.") == std::string::npos)
    return;
  const CounterRandom random(seed, adapterStream, number);
  const double columns = double(values.size()) / double(weight.tensors.size()) / double(rank);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float((double(random.bits(i) >> 11) / 4503599627370496.0 - 1) / std::sqrt(columns));
}

} // namespace

float firstLossScale(const training::TrainingConfig &config) {
  return float(65536.0 / double(std::bit_floor(uint64_t(config.microBatchSize) * uint64_t(config.sequenceLen))));
}

bool isValueHead(const std::string &name) { return name.starts_with("v_head."); }

Status fillWeight(const Manifest &manifest, const Beginning &from, const std::string &name, std::span<uint8_t> bytes) {
  const std::span<float> values(reinterpret_cast<float *>(bytes.data()), bytes.size() / 4);
  for (size_t number = 0; number < manifest.training.size(); ++number) {
    const TrainedWeight &weight = manifest.training[number];
    if (weight.name != name)
      continue;
    if (isValueHead(name))
      return {};
    if (!from.checkpoint) {
      beginAdapter(weight, from.rank, uint32_t(number), from.seed, values);
      return {};
    }
    if (auto e = readTrained(*from.checkpoint, weight, values))
      return e;
    if (from.fresh)
      randomize(weight, uint32_t(number), from.seed, values);
    return {};
  }
  // The optimizer's state begins as zeros, but for the scale of losses in f16.
  if (name == "loss_scale")
    values[0] = from.lossScale;
  return {};
}

} // namespace ph::tool
