// Heads as a dimension of their own, as exporters have them, and folded into the features, as xf has them.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph {

/// [batch, rows, heads · dim] of [batch, heads, rows, dim]; [batch, rows, dim] is that already.
mlir::Value foldHeads(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);

/// [batch, heads, rows, dim] of [batch, rows, heads · dim].
mlir::Value unfoldHeads(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, int64_t heads);

} // namespace ph
