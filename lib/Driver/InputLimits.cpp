#include "InputLimits.h"

#include "dialects/Transformer/Transformer.h"

using namespace mlir;

namespace ph {

std::optional<int64_t> positionLimit(ModuleOp module) {
  std::optional<int64_t> limit;
  module.walk([&](xf::EmbeddingOp op) {
    Operation *numbers = op.getTokens().getDefiningOp();
    if (!isa_and_nonnull<xf::PositionsOp, xf::MaskedPositionsOp>(numbers))
      return;
    int64_t rows = cast<RankedTensorType>(op.getTable().getType()).getDimSize(0) - op.getOffset().value_or(0);
    // The first real token has the number after that of padding.
    if (auto masked = dyn_cast<xf::MaskedPositionsOp>(numbers))
      rows -= masked.getOffset().value_or(0) + 1;
    limit = std::min(limit.value_or(rows), rows);
  });
  return limit;
}

std::optional<int64_t> tokenLimit(ModuleOp module) {
  std::optional<int64_t> limit;
  module.walk([&](xf::EmbeddingOp op) {
    if (!isa<BlockArgument>(op.getTokens()))
      return;
    int64_t rows = cast<RankedTensorType>(op.getTable().getType()).getDimSize(0) - op.getOffset().value_or(0);
    limit = std::min(limit.value_or(rows), rows);
  });
  return limit;
}

} // namespace ph
