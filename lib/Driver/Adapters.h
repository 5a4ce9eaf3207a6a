// Adapters that a model is compiled with.
#pragma once
#include "powerhouse/Driver/Compile.h"
#include "powerhouse/Import/UnmergedAdapters.h"

namespace ph {

/// Merges the adapters of the options into `source`, or puts them beside it: then the result is what `source` is now,
/// else null. Errors: Usage for adapters that contradict each other or the model; those of LoraAdapter::open,
/// applyAdapter and UnmergedAdapters::create.
Expected<UnmergedAdapters *> applyAdapters(const CompileOptions &options, std::unique_ptr<SourceModel> &source);

/// Adds the adapters to the imported module's products; `exact`: with the bits that training computes with f32
/// activations, else so that each op has a kernel. Errors: those of UnmergedAdapters::provide.
Status addAdapters(mlir::ModuleOp module, UnmergedAdapters &adapters, bool exact);

} // namespace ph
