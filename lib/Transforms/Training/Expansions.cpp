#include "lib/Transforms/Training/Expansions.h"
#include "dialects/Transformer/Broadcast.h"

using namespace mlir;

namespace ph {

OpFoldResult sizeOf(Primitives &p, xf::Dim dim) {
  int64_t size = xf::shapeOf(dim.tensor)[dim.axis];
  return ShapedType::isDynamic(size) ? OpFoldResult(xf::DimOp::create(p, dim.tensor, dim.axis).getResult())
                                     : p.getI64IntegerAttr(size);
}

// Where its dimensions come from stays known.
Value constant(Primitives &p, Value x) {
  Value stopped = train::StopGradientOp::create(p, x.getType(), x);
  ArrayRef<int64_t> shape = xf::shapeOf(x);
  if (!ShapedType::isDynamicShape(shape))
    return stopped;
  SmallVector<OpFoldResult> sizes;
  for (int64_t axis = 0; axis < int64_t(shape.size()); ++axis)
    sizes.push_back(sizeOf(p, {x, axis}));
  return xf::ReshapeOp::create(p, stopped, sizes);
}

} // namespace ph
