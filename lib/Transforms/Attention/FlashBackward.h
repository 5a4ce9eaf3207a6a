// The derivatives of attention by tiles.
#pragma once
#include "lib/Transforms/Attention/ScoreTiles.h"

namespace ph {

/// The derivatives by query, keys and values, at the builder.
llvm::SmallVector<mlir::Value> deriveByTiles(TileBuilder &t, xf::AttentionBackwardOp op, int64_t tileQueries,
                                             int64_t tileKeys);

} // namespace ph
