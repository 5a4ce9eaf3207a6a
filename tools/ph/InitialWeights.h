// What weights and states of a training begin with.
#pragma once
#include "runtime/formats/Checkpoint.h"
#include "runtime/session/Manifest.h"
#include "runtime/training/config/TrainingConfig.h"

namespace ph::tool {

/// Where weights begin.
struct Beginning {
  const Checkpoint *checkpoint; ///< null: an adapter that begins as nothing
  bool fresh;                   ///< matrices are random
  int64_t rank;                 ///< of the adapter
  uint64_t seed;
  float lossScale;
};

/// What a loss in f16 is multiplied with at first: 65536, as in PyTorch, of means; ours are sums, of as much as a
/// micro-batch holds.
float firstLossScale(const training::TrainingConfig &config);

/// Whether a weight is of what estimates values for PPO: it begins as zeros, and is no part of the result.
bool isValueHead(const std::string &name);

/// The first value of a weight or of the optimizer's state, over the zeros that are there.
Status fillWeight(const Manifest &manifest, const Beginning &from, const std::string &name, std::span<uint8_t> bytes);

} // namespace ph::tool
