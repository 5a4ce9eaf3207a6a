// Attention in primitives.
#pragma once
#include "lib/Autodiff/Rules/Rules.h"

namespace ph::autodiff {

/// What xf.attention of tensors gives, with the scores of all queries and keys in memory: for derivatives that
/// xf.attention_backward does not give.
llvm::SmallVector<mlir::Value> spellAttention(Primitives &p, xf::AttentionOp op);

} // namespace ph::autodiff
