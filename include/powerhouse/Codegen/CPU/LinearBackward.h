// Generator of matrix products dx = dy W over packed weights, which xf.linear takes as y = x W^T.
#pragma once
#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include "powerhouse/Interfaces/KernelDeclaration.h"
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

struct LinearBackwardSpec {
  PackedLayout weight;
  int64_t N = 0;       ///< rows of the matrix, columns of dy
  int64_t K = 0;       ///< columns of the matrix and of dx; Affine: a multiple of weight.group
  bool paired = false; ///< only each other tile is the matrix's, from where the weights are said to be

  /// Tiles of work, of kBackwardTileColumns columns of dx: the kernel's range [tile0, tile1) lies in [0, tiles()).
  int64_t tiles() const { return (K + kBackwardTileColumns - 1) / kBackwardTileColumns; }
};

/// Why `buildLinearBackward` can't make it; nothing if it can.
std::optional<std::string> whyUnsupported(const LinearBackwardSpec &spec);

/// Finds or makes the private function of a supported spec, on flat memrefs and index:
///   (weights i8, dy f32 [rows][N], dx f32 [rows][K], tile0, tile1, rows)
/// dx[m][k] = sum over n of dy[m][n] * w[n][k], one chain of fma over n for each element: a row's result does not
/// depend on `rows`, its place or the tile range. Weights become f32 in panels that stay near, for 256 rows at a time.
mlir::func::FuncOp buildLinearBackward(mlir::ModuleOp module, const CpuLevel &level, const LinearBackwardSpec &spec);

} // namespace ph::codegen
