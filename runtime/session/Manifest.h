// The manifest of an artifact: what the compiler tells the runtime.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/devices/cpu/KernelLibrary.h"
#include "runtime/session/ManifestAdapters.h"
#include "runtime/session/MemoryPlan.h"
#include "runtime/session/ProgramInfo.h"
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// One packed weight, for people: kernels know their offsets themselves.
struct ManifestWeight {
  std::string name, format;
  std::vector<int64_t> shape;
  uint64_t offset = 0, bytes = 0; ///< within the weights part
};

/// A weight that training changes, and the tensors of the checkpoint that it holds, one after the other.
struct TrainedWeight {
  std::string name; ///< of the programs' input
  std::vector<std::string> tensors;
  int64_t rank = 0; ///< of each tensor
};

struct Manifest {
  std::string name, architecture, compiler, activations, cacheType;
  int64_t layers = 0, kvHeads = 0, headDim = 0;
  std::string logitsName; ///< what a graph calls the scores of tokens; empty where the model was none
  std::string uncached;   ///< why a graph generates no text; empty where the model was none or does
  ModelSizes sizes;
  std::vector<KernelLevel> levels;
  std::vector<ManifestWeight> weights;
  ManifestAdapters adapters;                        ///< to choose from; sizes.weights is without them
  std::string objective;                            ///< what the artifact trains; empty where it infers
  std::vector<TrainedWeight> training;              ///< its weights
  std::vector<ProgramInfo> programs;                ///< none where the model is a step
  double flopPerToken = 0, weightBytesPerToken = 0; ///< of one decode step at an empty context

  /// Reads the JSON `text` of the artifact `path`, whose weights part has `weightsBytes`. Errors: BadModel, naming the
  /// key (another ABI version, missing, of the wrong type, out of range).
  static Expected<Manifest> parse(std::string_view text, const std::string &path, uint64_t weightsBytes);
};

} // namespace ph
