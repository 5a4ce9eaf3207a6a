// Generator of matrix products y = x W^T over packed weights, with what stands around them fused in.
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

enum class Activation { Silu, Gelu, GeluTanh, Relu };

/// What one kernel computes, for a dynamic number of rows m and a range of tiles:
///   plain:  y[m][n] = cap(scale * (x[m] . w[n]) + bias[n]) + residual[m][n], cap(v) = softCap * tanh(v / softCap)
///   gated:  y[m][n] = act(x[m] . gate[n] + gateBias[n]) * (x[m] . up[n] + upBias[n]) + residual[m][n]
struct LinearSpec {
  PackedLayout weight;
  int64_t N = 0;                         ///< outputs; gated: of the gate and of the up matrix each
  int64_t K = 0;                         ///< inputs; Affine: a multiple of weight.group
  int64_t inputGroup = 0;                ///< 0: x is f32 [M][K]; else int8 codes with a scale per group, = weight.group
  int64_t ldy = 0;                       ///< elements from row to row of y and residual; 0: N
  bool bias = false;                     ///< plain only
  bool residual = false;                 ///< may be y itself
  std::optional<Activation> gate;        ///< weights are pairs of tiles: 2u of the gate, 2u+1 of up
  bool gateBias = false, upBias = false; ///< gated only
  float scale = 1.0f;                    ///< plain only
  float softCap = 0.0f;                  ///< plain only: c * tanh(v / c); 0: none

  /// Tiles of work, ceil(N / 16): the kernel's range [tile0, tile1) lies in [0, tiles()). Gated: pairs of tiles.
  int64_t tiles() const { return (N + kTileRows - 1) / kTileRows; }
  /// Bytes of the packed weights.
  int64_t weightBytes() const { return tiles() * (gate ? 2 : 1) * weight.tileBytes(K); }
};

/// Why `buildLinear` can't make it; nothing if it can.
std::optional<std::string> whyUnsupported(const LinearSpec &spec);

/// The kernel's name: a function of level and spec, different for different kernels.
std::string linearName(const CpuLevel &level, const LinearSpec &spec);

/// Finds or makes the private function of a supported spec, on flat memrefs and index:
///   (weights i8, x f32 | codes i8, scales f32, sums f32, y f32, [residual f32], [bias f32], [gateBias f32],
///    [upBias f32], tile0, tile1, rows)
/// Computes tiles [tile0, tile1) of all `rows` rows. A row's result does not depend on `rows`, its place or the tile
/// range.
mlir::func::FuncOp buildLinear(mlir::ModuleOp module, const CpuLevel &level, const LinearSpec &spec);

} // namespace ph::codegen
