// From an ONNX graph to a module of xf primitives.
#pragma once
#include "OnnxSource.h"
#include "powerhouse/Import/Import.h"

namespace ph::onnx_import {

/// Builds `func @forward` of the graph's inputs and outputs, which carry their names as `xf.name`. Integers become i32,
/// floats f32; initializers become xf.weight, small ones constants. Shape arithmetic becomes arith on the sizes of
/// dimensions. `model` is what openONNX gave; `beginsText` as ImportOptions has it. Errors: BadModel, naming file and
/// node.
Expected<ImportedModel> importGraph(mlir::MLIRContext &context, const SourceModel &model, bool beginsText);

} // namespace ph::onnx_import
