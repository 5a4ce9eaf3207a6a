#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

LogicalResult ExpertOuterAddOp::verify() {
  ArrayRef<int64_t> sum = shapeOf(getSum()), experts = shapeOf(getExperts());
  if (sum.size() != 3)
    return emitOpError() << "expects a sum of rank 3, but got " << getSum().getType();
  auto expect = [&](StringRef name, Value value, SmallVector<int64_t> wanted, int64_t last) -> LogicalResult {
    wanted.push_back(last);
    ArrayRef<int64_t> shape = shapeOf(value);
    if (shape.size() == wanted.size() && llvm::all_of_zip(shape, wanted, mayEqual))
      return success();
    return emitOpError() << "expects " << name << " of the shape " << RankedTensorType::get(wanted, elementOf(value))
                         << ", but got " << value.getType();
  };
  if (experts.empty())
    return emitOpError() << "expects experts of rank 1 or more, but got " << getExperts().getType();
  SmallVector<int64_t> slots(experts), rows(hasRowPerExpert() ? experts : experts.drop_back());
  if (failed(expect("a gradient", getGradient(), slots, sum[1])))
    return failure();
  return expect("an input", getInput(), rows, sum[2]);
}
