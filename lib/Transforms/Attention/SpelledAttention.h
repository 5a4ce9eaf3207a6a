// Attention as it is spelled out in primitives.
#pragma once
#include "dialects/Transformer/Dims.h"
#include <string>

namespace ph {

/// What was found behind a product of weights and values.
struct SpelledAttention {
  mlir::Value query, keys, values; ///< [batch, heads, rows, head_dim]; or [batch, rows, head_dim] of one head
  int64_t groups = 0; ///< of heads, where the result is [batch, groups, heads of a group, rows, head_dim]; 0: it is not
  llvm::SmallVector<mlir::Value>
      biases;                   ///< added to the scores after scale and cap, of shapes that are broadcast to theirs
  mlir::Value scores;           ///< a value of the scores' shape
  xf::AttentionOptions options; ///< all but the bias
  bool mayHideRows = false;     ///< a mask may hide all that a row sees, which xf.attention gives zeros for
};

/// Looks whether `product`, the last one of an attention, is one. Makes ops at `builder`, for operands whose scale was
/// taken away; those that nothing uses in the end are left for a clean-up. `reason` says what is missing; it is empty
/// where this doesn't look like attention.
std::optional<SpelledAttention> matchAttention(xf::MatmulOp product, mlir::OpBuilder &builder, std::string &reason);

} // namespace ph
