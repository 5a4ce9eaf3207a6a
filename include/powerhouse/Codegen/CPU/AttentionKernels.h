// Causal attention over the cache, with the online softmax of FlashAttention (Dao et al., 2022, arXiv:2205.14135).
#pragma once
#include "powerhouse/Codegen/CPU/RowKernels.h"

namespace ph::codegen {

struct AttentionSpec {
  CacheShape cache;
  int64_t heads = 0;  ///< query heads, a multiple of cache.kvHeads; head h reads kv head h / (heads / kvHeads)
  double scale = 0.0; ///< multiplies q.k; usually 1/sqrt(headDim)
  std::optional<RopeSpec> rope; ///< q is rotated first
  RowOutput output;             ///< headDim must be a multiple of output.group
  /// Query heads that one unit computes together, a divisor of heads / kvHeads. 1 makes most units, which balances
  /// threads; heads / kvHeads reads the cache least, which helps decoding with a long context. Results are the same.
  int64_t headsPerUnit = 1;

  /// Units of a call: batch * headUnits() * ceil(sequence / unitPositions()).
  int64_t headUnits() const { return heads / headsPerUnit; }
  /// Positions of the sequence that one unit computes: about 48 rows, whose queries and results stay in the L1 cache.
  int64_t unitPositions() const { return headsPerUnit < 48 ? 48 / headsPerUnit : 1; }
};

/// Row (b, s) attends to positions 0 .. past[b] + s of its slot, which cache_append must have stored before.
/// Computes the units [u0, u1); unit u is (b, head unit, block of positions), blocks running fastest and from the last
/// positions (the most work) to the first. A row's result is bit-identical whatever the batch, the sequence's chunking,
/// headsPerUnit and the range of units. T is the cache's element, rows of q are ldq apart, rows of
/// the result have heads * headDim elements. All buffers are distinct.
///   (q: f32, [cos: f32, sin: f32,] past: i32, cache: T, OUT, layer, u0, u1, sequence, ldq, context)
///   OUT: f32      y: f32, with ldy as one more argument at the end
///   OUT: encoded  codes: i8, scale: f32, sum: f32
mlir::func::FuncOp buildAttention(mlir::ModuleOp module, const CpuLevel &level, const AttentionSpec &spec);

std::optional<std::string> whyUnsupported(const AttentionSpec &spec);

} // namespace ph::codegen
