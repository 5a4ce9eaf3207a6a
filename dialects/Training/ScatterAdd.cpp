#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

LogicalResult ScatterAddOp::verify() {
  if (shapeOf(getSum()).empty())
    return emitOpError() << "expects a sum of rank 1 or more, but got " << getSum().getType();
  SmallVector<int64_t> wanted(shapeOf(getIndices()));
  llvm::append_range(wanted, shapeOf(getSum()).drop_front());
  ArrayRef<int64_t> shape = shapeOf(getValues());
  if (shape.size() != wanted.size() || !llvm::all_of_zip(shape, wanted, mayEqual))
    return emitOpError() << "expects values of the shape " << RankedTensorType::get(wanted, elementOf(getSum()))
                         << ", but got " << getValues().getType();
  return success();
}
