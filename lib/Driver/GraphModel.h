// An ONNX graph as what it is used for: text in steps, where it can be, else its outputs of its inputs.
#pragma once
#include "CompileStages.h"
#include "powerhouse/Import/Import.h"

namespace ph {

/// Imports and lifts. With `asItIs` its inputs and outputs stay; else one that scores tokens becomes a decoder with a
/// cache, if nothing in it keeps it from that (xf-add-cache), and otherwise stays with the reason as `uncached` in
/// xf.model. Errors: as importModel's.
Expected<ImportedModel> importGraphModel(mlir::MLIRContext &context, const SourceModel &source,
                                         const ImportOptions &options, bool asItIs, CompileRecord &record);

} // namespace ph
