// A compiled model: kernels, weights, tokenizer and chat template of one artifact, and the threads that run it.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/devices/cpu/KernelLibrary.h"
#include "runtime/devices/cpu/Weights.h"
#include "runtime/formats/Artifact.h"
#include "runtime/session/Manifest.h"
#include "runtime/session/MemoryPlan.h"
#include "runtime/session/Program.h"
#include "runtime/threads/Team.h"
#include "runtime/tokenizer/Tokenizer.h"
#include <memory>
#include <string>

namespace ph {

/// An artifact, alone in a file or appended to a program (phc --emit=exe).
struct ArtifactFile {
  std::shared_ptr<Artifact> artifact;
  MappedFile program;  ///< owns the bytes if `offset` isn't 0
  uint64_t offset = 0; ///< where the artifact begins in the file

  /// Errors: those of Artifact::open.
  static Expected<ArtifactFile> open(const std::string &path);
};

struct ModelOptions {
  int threads = 0; ///< 0: as many as there are CPUs
  WeightsPlacement placement = WeightsPlacement::Auto;
  bool progress = false;    ///< show on the terminal how far reading the weights is
  bool text = true;         ///< a tokenizer is needed; false: only token ids go in
  std::string adapter = {}; ///< the name of one that the artifact holds; empty: none
};

/// Opened artifact. The weights are loaded with the first Session, after its memory is known to fit.
class Model {
public:
  /// Errors: BadModel (also where text is wanted of a model without a tokenizer), Failed; Usage for the number of
  /// threads and for an adapter that isn't there.
  static Expected<std::shared_ptr<Model>> open(const std::string &path, const ModelOptions &options = {});

  const std::string &path() const { return file.artifact->path(); }
  const Manifest &manifest() const { return about; }
  /// As JSON.
  std::string_view manifestText() const { return file.artifact->manifest(); }
  const GgufFile &metadata() const { return file.artifact->metadata(); }
  const ModelSizes &sizes() const { return about.sizes; }
  /// Only of a model that was opened for text.
  const Tokenizer &tokenizer() const { return *words; }
  Team &team() { return *threads; }
  /// Null where the model is programs.
  StepFn step() const { return kernels.step(); }
  /// The program of that name; null if there is none.
  const Program *program(std::string_view name) const;
  const std::string &level() const { return kernels.level(); }
  const uint8_t *weights() const { return weightsMemory.data(); }
  WeightsPlacement placement() const { return wishedPlacement; }
  bool weightsLoaded() const { return loaded; }
  bool weightsMapped() const { return weightsMemory.mapped(); }
  /// Loads the weights unless they are. Errors: those of Weights::load.
  Status loadWeights(bool map);

private:
  ArtifactFile file;
  Manifest about;
  std::unique_ptr<Tokenizer> words;
  KernelLibrary kernels;
  std::vector<Program> programs;
  Weights weightsMemory;
  std::unique_ptr<Team> threads;
  WeightsPlacement wishedPlacement = WeightsPlacement::Auto;
  bool showsProgress = false;
  bool loaded = false;
  const ManifestAdapter *adapter = nullptr; ///< of `about`
};

} // namespace ph
