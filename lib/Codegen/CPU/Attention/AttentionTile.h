// The inner part of attention: a tile of query rows against one block of keys and values.
#pragma once
#include "lib/Codegen/CPU/Rows/CacheLayout.h"
#include "powerhouse/Codegen/CPU/AttentionKernels.h"

namespace ph::codegen {

/// Positions taken at a time. The online softmax rescales once per block, so a row's bits depend on it.
inline constexpr int64_t kKeyBlock = 64;

/// A unit's rows, on the stack: each row's query (scaled, in units of log2), weighted values so far, their sum of
/// weights by lane, the largest score so far, and how many positions it sees; and one tile's scores and rescalings.
struct AttentionState {
  AttentionState(KernelBuilder &b, int64_t headDim, int64_t rows, int64_t tileRows);
  int64_t headDim;
  mlir::Value queries, results; ///< f32 [rows][headDim]
  mlir::Value sums;             ///< f32 [rows][lanes]
  mlir::Value largest;          ///< f32 [rows]
  mlir::Value seen;             ///< i32 [rows]
  mlir::Value scores;           ///< f32 [tileRows][kKeyBlock]
  mlir::Value rescale;          ///< f32 [tileRows]
};

/// Positions [key, key + kKeyBlock) of one head of the cache, of which the tile sees the first `count`.
struct AttentionBlock {
  mlir::Value memory;
  CacheParts parts;
  mlir::Value key, count;
};

/// Resets row `r`, which sees `seen` positions.
void startRow(KernelBuilder &b, const AttentionState &state, mlir::Value r, mlir::Value seen);
/// Takes a block into the rows [r, r + tile).
void attendBlock(KernelBuilder &b, const AttentionState &state, int64_t tile, mlir::Value r,
                 const AttentionBlock &block);
/// 1 / sum of the weights of row `r`.
mlir::Value inverseSum(KernelBuilder &b, const AttentionState &state, mlir::Value r);

} // namespace ph::codegen
