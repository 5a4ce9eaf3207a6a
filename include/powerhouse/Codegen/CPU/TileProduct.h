// Generator of products of matrices in memory: tiles of large ones, and those of attention.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Codegen/CPU/CpuLevel.h"

namespace ph::codegen {

struct TileProductSpec {
  bool leftColumns = false; ///< the left matrix is [K][M] (gradients of weights), else [M][K]
  bool transposed = false;  ///< the right matrix is [N][K] (scores: queries times keys), else [K][N]
  bool half = false;        ///< the right matrix is f16, as caches may be
};

/// c[i][j] += sum over k < depth of a[i][k] * b[k][j], or a[k][i], b[j][k] as the spec says, for i < m, j < n. Matrices
/// are rows ld* elements apart from element *At on; c doesn't overlap the others.
///   (a: f32, b: f32 or f16, c: f32, aAt, lda, bAt, ldb, cAt, ldc, m, n, depth)
/// Each element is one chain of fma over k that starts with c, whatever the sizes.
mlir::func::FuncOp buildTileProduct(mlir::ModuleOp module, const CpuLevel &level, const TileProductSpec &spec);

} // namespace ph::codegen
