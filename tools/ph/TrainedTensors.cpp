#include "tools/ph/TrainedTensors.h"
#include <algorithm>

namespace ph::tool {

Status readTrained(const Checkpoint &checkpoint, const TrainedWeight &weight, std::span<float> into) {
  const size_t each = into.size() / weight.tensors.size();
  for (size_t i = 0; i < weight.tensors.size(); ++i)
    if (auto e = checkpoint.read(weight.tensors[i], into.subspan(i * each, each)))
      return e;
  return {};
}

Status TrainedTensors::load(const Checkpoint &checkpoint, double scale) {
  for (const TrainedWeight &weight : manifest.training) {
    auto found = tensors.find(weight.name);
    if (found == tensors.end())
      return Error{ErrorCode::BadModel, "no program takes the weight '" + weight.name + "'"};
    if (weight.name.starts_with("v_head.")) // of values for PPO, which begin as zeros
      continue;
    HostTensor &tensor = found->second;
    const std::span<float> values(reinterpret_cast<float *>(tensor.bytes.data()), size_t(tensor.elements()));
    if (auto e = readTrained(checkpoint, weight, values))
      return e;
    if (weight.rank == 2 && scale != 1)
      for (float &value : values)
        value = float(value * scale);
  }
  return {};
}

std::optional<std::span<const float>> TrainedTensors::stored(const std::string &prefix, const std::string &name) const {
  for (const TrainedWeight &weight : manifest.training) {
    const auto place = std::find(weight.tensors.begin(), weight.tensors.end(), name);
    const auto found = tensors.find(prefix + weight.name);
    if (place == weight.tensors.end() || found == tensors.end())
      continue;
    const std::span<const float> values = found->second.floats();
    const size_t each = values.size() / weight.tensors.size();
    return values.subspan(size_t(place - weight.tensors.begin()) * each, each);
  }
  return std::nullopt;
}

std::optional<std::vector<float>> TrainedTensors::ofExperts(const std::string &prefix, const std::string &name) const {
  // What checkpoints have for one tensor of transformers: the block's name, and the projections of each expert.
  struct Naming {
    const char *block, *gate, *up, *down;
  };
  static constexpr Naming namings[] = {{"block_sparse_moe", "w1", "w3", "w2"},
                                       {"mlp", "gate_proj", "up_proj", "down_proj"}};
  const size_t at = name.find(".mlp.");
  if (at == std::string::npos)
    return std::nullopt;
  const std::string layer = name.substr(0, at), rest = name.substr(at + 5);
  for (const Naming &naming : namings) {
    const std::string block = layer + "." + naming.block + ".";
    std::vector<const char *> parts;
    if (rest == "experts.gate_up_proj")
      parts = {naming.gate, naming.up};
    else if (rest == "experts.down_proj")
      parts = {naming.down};
    else if (auto found = stored(prefix, block + rest))
      return std::vector<float>(found->begin(), found->end());
    else
      continue;
    std::vector<float> values;
    for (int expert = 0;; ++expert) {
      bool there = false;
      for (const char *part : parts)
        if (auto found = stored(prefix, block + "experts." + std::to_string(expert) + "." + part + ".weight")) {
          values.insert(values.end(), found->begin(), found->end());
          there = true;
        }
      if (!there)
        break;
    }
    if (!values.empty())
      return values;
  }
  return std::nullopt;
}

std::optional<std::vector<float>> TrainedTensors::find(const std::string &prefix, const std::string &name) const {
  if (auto found = stored(prefix, name))
    return std::vector<float>(found->begin(), found->end());
  return ofExperts(prefix, name);
}

} // namespace ph::tool
