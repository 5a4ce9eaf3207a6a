// Numbers that count the tokens of a sequence.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph {

/// The tokens, [batch, sequence], whose places in their sequence `numbers` are: 0, 1, … along the last dimension, and
/// the same for each batch where there is another. Null if it isn't known. With `first` the numbers may count on from
/// any number, which it is set to.
mlir::Value getCountedTokens(mlir::Value numbers, int64_t *first = nullptr);

/// The positions of `tokens` in sequences that begin with them: xf.positions with a past of 0.
mlir::Value makePositions(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tokens);

} // namespace ph
