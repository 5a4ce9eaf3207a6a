// From a checkpoint to a module of xf.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "powerhouse/Import/SourceModel.h"

namespace ph {

struct ImportOptions {
  std::string architectureFile; ///< a description to use instead of the built-in one (--architecture)
  bool halfCache = false;       ///< keys and values are cached as f16 instead of f32
  bool hubNames = false;        ///< weights say how Hugging Face calls them (dialects/Transformer/WeightAttributes.h)
  /// Of an ONNX graph: it is read as it is for a text that begins. What exporters let it take besides tokens gets what
  /// that has: an empty past, counted positions; and what it gives of its past is left out.
  bool beginsText = false;
};

/// What was imported, and what its user should hear about.
struct ImportedModel {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<std::string> warnings;
  bool hasLess = false; ///< inputs or outputs of a graph were left out (ImportOptions::beginsText)
  /// How many positions the folder of an ONNX graph says that its model was made for. (Of other models xf.model says
  /// it.)
  std::optional<int64_t> contextLength = std::nullopt;
};

/// Builds the verified xf module of a checkpoint: weights as symbols (no values), and the functions that its family's
/// description has, `forward` among them. That of a decoder is `func @forward(tokens, past, rows, cache) -> (logits,
/// cache)`; layers that are alike are in xf.repeat.
/// A stacked weight whose layers are stored in different formats gets the format that asks most of kernels (float
/// before codes, groups of 16 before 32, more bits before fewer) and lists them all in its attribute `formats`, an
/// array of #xf.format; the bytes of each layer stay in their own format. The context must have the xf, func and arith
/// dialects loaded. Errors: BadModel, naming file and key, tensor, or line of the description.
Expected<ImportedModel> importModel(mlir::MLIRContext &context, const SourceModel &model,
                                    const ImportOptions &options = {});

/// What a family's description says, in words: quantities, weights, lines, operations. `nameOrFile` is a built-in
/// family or a file. Errors: Failed if it can't be read, BadModel naming the line of a mistake.
Expected<std::string> explainArchitecture(const std::string &nameOrFile);

/// What an ONNX file has, as JSON: `kind` "graph", `path`, `tensor_bytes`, `metadata` (opset, inputs, outputs, how
/// often each operator is there), `tensors` (name, format, shape, bytes). Errors: those of opening it.
Expected<std::string> explainGraph(const std::string &path);

/// The built-in families' names.
std::vector<std::string> knownArchitectures();

} // namespace ph
