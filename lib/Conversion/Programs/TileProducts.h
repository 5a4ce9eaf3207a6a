// Products of matrices in what threads share, as kernels.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ph::conversion {

/// Whether the body is: the first input times the second, as f32 or as f16 made f32, added to the output, f32.
bool multipliesAndAdds(mlir::linalg::GenericOp op);

/// A call of a kernel that a linalg.generic on memory is: c[i][j] += Σ a[i][k] or a[k][i] · b[k][j] or b[j][k], of f32
/// (b: or f16).
struct TileProduct {
  mlir::DictionaryAttr options;
  llvm::SmallVector<mlir::Value> arguments;
};

/// The product that `op` is, once dimensions of size 1 are left out, as a kernel takes it; nothing if it is none. What
/// its arguments need is made before the op.
std::optional<TileProduct> matchTileProduct(mlir::ImplicitLocOpBuilder &b, mlir::linalg::GenericOp op);

} // namespace ph::conversion
