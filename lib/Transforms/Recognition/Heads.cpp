#include "lib/Transforms/Recognition/Heads.h"

using namespace mlir;

namespace ph {

Value foldHeads(OpBuilder &builder, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 3)
    return value;
  Value moved = xf::TransposeOp::create(builder, loc, value, {0, 2, 1, 3});
  int64_t features = type.getDimSize(1) * type.getDimSize(3);
  return xf::ReshapeOp::create(
      builder, loc, moved,
      {builder.getI64IntegerAttr(0), builder.getI64IntegerAttr(0), OpFoldResult(builder.getI64IntegerAttr(features))});
}

Value unfoldHeads(OpBuilder &builder, Location loc, Value value, int64_t heads) {
  Value split = xf::ReshapeOp::create(builder, loc, value,
                                      {builder.getI64IntegerAttr(0), builder.getI64IntegerAttr(0),
                                       builder.getI64IntegerAttr(heads), builder.getI64IntegerAttr(-1)});
  return xf::TransposeOp::create(builder, loc, split, {0, 2, 1, 3});
}

} // namespace ph
