// Generator of products of small matrices in memory, as tiles of attention are.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include <optional>
#include <string>

namespace ph::codegen {

struct TileProductSpec {
  /// The right matrix is [N][K] (scores: queries times keys), else [K][N] (weights times values).
  bool transposed = false;
  int64_t K = 0;     ///< only if transposed: columns of both matrices, which are turned round on the stack
  bool half = false; ///< the right matrix is f16, as caches may be
};

/// c[i][j] += sum of a[i][k] * b[k][j], or b[j][k] if transposed, for i < m, j < n, k < depth. Matrices are rows ld*
/// elements apart from element *At on; they don't overlap.
///   (a: f32, b: f32 or f16, c: f32, aAt, lda, bAt, ldb, cAt, ldc, m, n, depth)
/// Each element is one chain of fma over k, whatever the sizes.
mlir::func::FuncOp buildTileProduct(mlir::ModuleOp module, const CpuLevel &level, const TileProductSpec &spec);

/// Why `buildTileProduct` can't make it; nothing if it can.
std::optional<std::string> whyUnsupported(const TileProductSpec &spec);

} // namespace ph::codegen
