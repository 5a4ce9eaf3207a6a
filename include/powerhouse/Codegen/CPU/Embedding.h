// Generator of table look-ups: rows of a packed matrix as f32.
#pragma once
#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include "runtime/quant/PackedLayout.h"
#include <optional>
#include <string>

namespace mlir {
class ModuleOp;
namespace func {
class FuncOp;
}
} // namespace mlir

namespace ph::codegen {

struct EmbeddingSpec {
  PackedLayout table;
  int64_t K = 0;      ///< columns of the table and of y
  float scale = 1.0f; ///< multiplied onto each element
  int64_t offset = 0; ///< added to each token, not negative
};

/// Why `buildEmbedding` can't make it; nothing if it can.
std::optional<std::string> whyUnsupported(const EmbeddingSpec &spec);

/// Finds or makes the private function, on flat memrefs and index: (table i8, tokens i32, y f32 [M][K], row0, row1):
/// y[m] = scale * table[tokens[m] + offset] for m in [row0, row1). Tokens are in range: the caller checks.
mlir::func::FuncOp buildEmbedding(mlir::ModuleOp module, const CpuLevel &level, const EmbeddingSpec &spec);

} // namespace ph::codegen
