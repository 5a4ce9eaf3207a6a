// How the conversion from xf asks for a kernel, and how a code generator learns what to make: a bodiless func.func with
// the attribute `xf.kernel`, a dictionary whose `kind` says what is computed and whose other entries are its options.
//
// kind               options
// embedding          layout, columns: i64, scale: f64, [offset: i64]
// linear             layout, rows, columns, input_group: i64, bias, residual: unit, scale, soft_cap: f64
// gated_linear       layout, rows, columns, input_group: i64, activation: string
// linear_backward    layout, rows, columns: i64, paired: unit
// rms_norm           features: i64, eps: f64, output_group: i64
// encode             features: i64, output_group: i64
// add
// gated_activation   activation: string
// gather_rows        features: i64
// rope_table         frequencies: array of f64, [attention_factor: f64]
// rope               heads, head_dim: i64, rope_dim: i64, rope_style: string
// cache_append       layers, kv_heads, head_dim: i64, half: unit, [rope_dim, rope_style]
// attention          cache_append's, heads: i64, scale: f64, output_group, heads_per_unit, positions_per_unit: i64
// tile_product       left_columns, transposed, half: unit
//
// Groups are elements per scale of an int8 encoding, 0 for f32. `layout` is the packed layout of a matrix, a dictionary
// {kind: affine|f32|f16|bf16, stored_bits, code_bits, group, half_scales, zero_point}. Arguments are flat memrefs and
// indices in the order that the generator of that kind documents.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace ph {

/// The attribute of a declared kernel.
inline constexpr llvm::StringLiteral kKernelAttr = "xf.kernel";
/// The attribute of a module of kernels: {arena_per_row, arena_fixed, cache_per_position} in bytes.
inline constexpr llvm::StringLiteral kStepAttr = "xf.step";
/// The attribute that lists what shares the arena: an array of {holder, offset, bytes_per_row, first, last}. A buffer
/// starts at offset * capacity bytes and is in use from event `first` of the step to event `last`.
inline constexpr llvm::StringLiteral kArenaAttr = "xf.arena";
/// The function that all threads call for one step.
inline constexpr llvm::StringLiteral kStepFunction = "ph_step";

/// Columns of the result of a linear_backward that are one tile.
inline constexpr int64_t kBackwardTileColumns = 96;

} // namespace ph
