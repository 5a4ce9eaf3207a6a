// Kernels that work row by row: norms, the int8 encoding, element-wise ops, gathers, rotary embedding, the cache.
//
// Every generator finds or makes a private func.func whose name follows from level and spec, so two calls with the same
// spec share one function. Arguments are flat bare memrefs `memref<1099511627776xT>` and `index`; a "row" is row
// b * sequence + s of a matrix whose rows are ld* elements apart, so that slices of a fused row are read in place.
// Each kernel computes the rows [m0, m1) of its result; a row comes out bit-identical whatever the range.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Codegen/CPU/Linear.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>

namespace ph::codegen {

/// How a kernel writes a result row: f32, or int8 codes in three dense planes (the contract of `i8x32` and `i8x16`):
/// codes i8 [M][K], scale f32 [M][K/group], sum f32 [M][K/group] with scale = max|x|/127, code = round-to-nearest-even
/// (x/scale), sum = scale * sum of the group's codes. A scale below 2^-126 counts as 0, and its codes are 0.
struct RowOutput {
  unsigned group = 0; ///< 0: f32; 32 or 16: elements per scale
  bool encoded() const { return group != 0; }
};

// --- Norm and encoding ----------------------------------------------------------------------------------------------

struct RmsNormSpec {
  int64_t features = 0; ///< K; a multiple of output.group if encoded
  double eps = 1e-5;
  RowOutput output;
};
/// y = x / sqrt(mean(x^2) + eps) * w.
///   f32:      (x: f32, w: f32, y: f32, m0, m1, ldx, ldy)                      y may be x
///   encoded:  (x: f32, w: f32, codes: i8, scale: f32, sum: f32, m0, m1, ldx)
mlir::func::FuncOp buildRmsNorm(mlir::ModuleOp module, const CpuLevel &level, const RmsNormSpec &spec);

struct EncodeSpec {
  int64_t features = 0; ///< K, a multiple of group
  unsigned group = 32;
};
/// (x: f32, codes: i8, scale: f32, sum: f32, m0, m1, ldx)
mlir::func::FuncOp buildEncode(mlir::ModuleOp module, const CpuLevel &level, const EncodeSpec &spec);

// --- Element-wise ---------------------------------------------------------------------------------------------------

/// y = a + b over rows [m0, m1) and columns [c0, c1); one long row (m0 = 0, m1 = 1) serves flat ranges.
///   (a: f32, b: f32, y: f32, m0, m1, c0, c1, lda, ldb, ldy)                   y may be a or b
mlir::func::FuncOp buildAdd(mlir::ModuleOp module, const CpuLevel &level);

struct GatedActivationSpec {
  Activation function = Activation::Silu;
};
/// y = function(gate) * up over rows [m0, m1) and columns [c0, c1).
///   (gate: f32, up: f32, y: f32, m0, m1, c0, c1, ldg, ldu, ldy)               y may be gate or up
mlir::func::FuncOp buildGatedActivation(mlir::ModuleOp module, const CpuLevel &level, const GatedActivationSpec &spec);

// --- Rows by number -------------------------------------------------------------------------------------------------

struct GatherRowsSpec {
  int64_t features = 0;
  RowOutput output;
};
/// Row m of the result is row rows[m] of x (xf.select_rows, and the lookup in an f32 table).
///   f32:      (x: f32, rows: i32, y: f32, m0, m1, ldx, ldy)
///   encoded:  (x: f32, rows: i32, codes: i8, scale: f32, sum: f32, m0, m1, ldx)
mlir::func::FuncOp buildGatherRows(mlir::ModuleOp module, const CpuLevel &level, const GatherRowsSpec &spec);

// --- Rotary embedding -----------------------------------------------------------------------------------------------

enum class RopeStyle {
  Half,        ///< pairs (i, i + dim/2), as Hugging Face's Llama
  Interleaved, ///< pairs (2i, 2i + 1), as GGUF's Llama and GPT-J
};

struct RopeTableSpec {
  llvm::SmallVector<float> inverseFrequencies; ///< [dim/2], with scaling already in them
  double attentionFactor = 1.0;                ///< multiplied into cos and sin (YaRN)
};
/// Plain inverse frequencies base^(-2i/dim) for i < dim/2, computed in double and rounded once.
llvm::SmallVector<float> ropeInverseFrequencies(double base, int64_t dim);
/// cos and sin of position * inverseFrequencies[i] for the step's rows: position = past[m / sequence] + m % sequence.
/// Calls libm's cosf and sinf.
///   (past: i32, cos: f32 [M][dim/2], sin: f32 [M][dim/2], m0, m1, sequence)
mlir::func::FuncOp buildRopeTable(mlir::ModuleOp module, const CpuLevel &level, const RopeTableSpec &spec);

/// The rotation of one head by a row of the table. Elements from dim on are left as they are.
struct RopeSpec {
  int64_t dim = 0; ///< rotated elements of a head, even; at most the head's dimension
  RopeStyle style = RopeStyle::Half;
};

struct RopeKernelSpec {
  int64_t heads = 0, headDim = 0;
  RopeSpec rope;
};
/// (x: f32, cos: f32, sin: f32, y: f32, m0, m1, ldx, ldy)                      y may be x
mlir::func::FuncOp buildRope(mlir::ModuleOp module, const CpuLevel &level, const RopeKernelSpec &spec);

// --- Cache ----------------------------------------------------------------------------------------------------------

/// The cache of one sequence ("slot") is [layer][K | V], K [kvHead][context/16][headDim][16], V
/// [kvHead][context][headDim]; slot b starts at element b * layers * 2 * kvHeads * headDim * context. `context` (an
/// argument) is a multiple of 64.
struct CacheShape {
  int64_t layers = 0, kvHeads = 0, headDim = 0;
  bool half = false; ///< elements are f16 instead of f32
};

struct CacheAppendSpec {
  CacheShape cache;
  std::optional<RopeSpec> rope; ///< k is rotated before it is stored
};
/// Stores rows [m0, m1) of k and v at position past[m / sequence] + m % sequence of their slot; T is f32 or f16.
///   (k: f32, v: f32, past: i32, cache: T, layer, m0, m1, sequence, ldk, ldv, context)
///   with rope:  (k: f32, v: f32, cos: f32, sin: f32, past: i32, cache: T, layer, m0, m1, sequence, ldk, ldv, context)
mlir::func::FuncOp buildCacheAppend(mlir::ModuleOp module, const CpuLevel &level, const CacheAppendSpec &spec);

/// Why the spec can't be generated, in words for an error message; none if it can.
std::optional<std::string> whyUnsupported(const RmsNormSpec &spec);
std::optional<std::string> whyUnsupported(const EncodeSpec &spec);
std::optional<std::string> whyUnsupported(const GatherRowsSpec &spec);
std::optional<std::string> whyUnsupported(const RopeTableSpec &spec);
std::optional<std::string> whyUnsupported(const RopeKernelSpec &spec);
std::optional<std::string> whyUnsupported(const CacheAppendSpec &spec);

} // namespace ph::codegen
