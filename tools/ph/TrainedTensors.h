// What training changes, by the names that other programs have for it.
#pragma once
#include "runtime/formats/Checkpoint.h"
#include "runtime/session/Manifest.h"
#include "runtime/session/Program.h"
#include <map>
#include <string>
#include <vector>

namespace ph::tool {

/// Reads a weight's tensors, one after the other. Errors: those of Checkpoint::read.
Status readTrained(const Checkpoint &checkpoint, const TrainedWeight &weight, std::span<float> into);

/// The weights of a training artifact, their gradients and the like, each by its name with a prefix.
class TrainedTensors {
public:
  using Tensors = std::map<std::string, HostTensor>;

  TrainedTensors(const Manifest &manifest, Tensors &tensors) : manifest(manifest), tensors(tensors) {}

  /// Reads all weights; those of matrices are multiplied with `scale`. Errors: those of Checkpoint::read.
  Status load(const Checkpoint &checkpoint, double scale);

  /// The values of the tensor of that name among the weights with this prefix ("grad."), as transformers 5 calls it:
  /// experts are one tensor there, whatever the checkpoint has. Nothing if there is none.
  std::optional<std::vector<float>> find(const std::string &prefix, const std::string &name) const;

private:
  std::optional<std::span<const float>> stored(const std::string &prefix, const std::string &name) const;
  std::optional<std::vector<float>> ofExperts(const std::string &prefix, const std::string &name) const;

  const Manifest &manifest;
  Tensors &tensors;
};

} // namespace ph::tool
