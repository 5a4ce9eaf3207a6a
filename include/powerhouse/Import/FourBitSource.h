// Models with float weights, read as if their matrices were stored in NF4 (load_in_4bit: Dettmers et al., 2023,
// arXiv:2305.14314).
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Import/SourceModel.h"
#include <set>

namespace ph {

/// The tensors that are whole matrices of layers, of floats, and only multiplied with in the imported `module`: those
/// that bitsandbytes quantizes. Rows must be whole blocks of 64.
std::set<std::string> fourBitTensors(const SourceModel &model, mlir::ModuleOp module);

/// The model with these tensors in NF4, their scales quantized again (runtime/quant/NormalFloat.h). Errors: BadModel
/// for a value that is not finite; Disk, as they need room.
Expected<std::unique_ptr<SourceModel>> quantizeToFourBits(std::unique_ptr<SourceModel> model,
                                                          const std::set<std::string> &tensors);

} // namespace ph
