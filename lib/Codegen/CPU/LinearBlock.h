// The inner part of a matrix product: a few rows of x against a few vectors of outputs, over all of K. Every number of
// rows runs the same operations in the same order on each row, which is what makes results independent of it.
#pragma once
#include "powerhouse/Codegen/CPU/KernelBuilder.h"
#include "powerhouse/Codegen/CPU/Linear.h"

namespace ph::codegen {

/// One vector of outputs: lanes [lane, lane + level.lanes) of a tile.
struct LinearColumn {
  mlir::Value tile; ///< byte offset of the tile in the weights
  int64_t lane = 0;
};

/// What a block reads.
struct LinearBlock {
  mlir::Value weights;      ///< i8
  mlir::Value x;            ///< f32 [M][K], or codes viewed as i32 [M][K/4]
  mlir::Value scales, sums; ///< encoded x: f32 [M][K/group]
  mlir::Value row;          ///< first row
  int64_t rows = 1;
  llvm::SmallVector<LinearColumn> columns;
};

/// Bytes from what is read to what is prefetched: about the latency of memory times a thread's bandwidth.
inline constexpr int64_t kPrefetchBytes = 2048;

/// Dot products of each row and column: result [row * columns + column], a vector of f32.
/// `int8`: encoded x, affine weights. `Float`: f32 x, any weights.
KernelBuilder::Values buildInt8Block(KernelBuilder &b, const LinearSpec &spec, const LinearBlock &block);
KernelBuilder::Values buildFloatBlock(KernelBuilder &b, const LinearSpec &spec, const LinearBlock &block);

/// Whether codes are halved for the int8 dot product: those of 8 bits would overflow pmaddubsw's i16.
bool splitsCodes(const CpuLevel &level, const PackedLayout &layout);
/// Lanes of scales (index 0) or mins (1) of the group at byte `group`, as f32.
mlir::Value loadGroupScales(KernelBuilder &b, const PackedLayout &layout, mlir::Value weights, mlir::Value group,
                            int64_t lane, int64_t which);
/// Each of the 32 / storedBits columns in the words of `lanes` rows at byte `at` + `extra`, in the order in which they
/// are stored, as f32.
void eachAffineColumn(KernelBuilder &b, const PackedLayout &layout, mlir::Value weights, mlir::Value at, int64_t extra,
                      mlir::Value scale, mlir::Value min,
                      llvm::function_ref<void(int64_t column, mlir::Value weight)> body);
/// The column of `lanes` rows at byte `at` + `extra` of a layout of floats, as f32.
mlir::Value floatColumn(KernelBuilder &b, const PackedLayout &layout, mlir::Value weights, mlir::Value at,
                        int64_t extra);
/// Prefetches the `bytes` that are kPrefetchBytes after `offset`.
void prefetchAhead(KernelBuilder &b, mlir::Value weights, mlir::Value offset, int64_t bytes);

} // namespace ph::codegen
