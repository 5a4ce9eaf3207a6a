// The artifact: code, what the runtime must know, and the packed weights, streamed.
#pragma once
#include "CompileStages.h"
#include "KernelObjects.h"
#include "powerhouse/Conversion/WeightPlan.h"
#include "powerhouse/Import/UnmergedAdapters.h"

namespace ph {

/// What the manifest says besides the weights.
struct ArtifactInfo {
  std::string activations, cacheType;
  mlir::DictionaryAttr model;    ///< the module's xf.model
  mlir::ArrayAttr programs;      ///< the module's programs (powerhouse/Conversion/Programs.h); null if there are none
  mlir::DictionaryAttr training; ///< the module's xf.training; null where it infers
  UnmergedAdapters *adapters = nullptr; ///< those that are chosen from, of the source; null where there are none
  int64_t kvHeads = 0, headDim = 0;
  std::optional<int64_t> positionLimit = std::nullopt;                            ///< of InputLimits.h
  std::optional<int64_t> vocabulary = std::nullopt, contextLength = std::nullopt; ///< where xf.model doesn't say them
};

/// Writes the artifact: a .phx, or with `emit` Executable a program that holds one. Weights are packed tensor by tensor
/// and their pages in the source given back. `beforeCommit` runs just before the file appears, and its error keeps it
/// away. Errors: BadModel naming the tensor, Disk for the output.
Status writeArtifact(const CompileOptions &options, const SourceModel &source, const ArtifactInfo &info,
                     const conversion::WeightPlan &plan, const std::vector<LevelCode> &levels, const std::string &elf,
                     CompileRecord &record, llvm::function_ref<Status()> beforeCommit);

/// The compiler's version: differs whenever the same source and options could give another artifact.
const char *compilerVersion();

} // namespace ph
