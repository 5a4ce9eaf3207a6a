#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult scatterAdd(train::ScatterAddOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  const Tensor &values = inputs[0].tensor(), &indices = inputs[2].tensor();
  Tensor result = inputs[1].tensor();
  int64_t rows = result.shape.front(), size = rows ? int64_t(result.data.size()) / rows : 0;
  if (values.data.size() != indices.data.size() * size)
    return mismatch(op, Twine(size) + " values for each of " + Twine(indices.data.size()) + " indices", values.shape);
  for (auto [i, index] : llvm::enumerate(indices.data)) {
    if (index < 0 || index >= double(rows))
      return mismatch(op, "indices from 0 to " + Twine(rows - 1), int64_t(index));
    for (int64_t k = 0; k < size; ++k)
      result.data[int64_t(index) * size + k] += values.data[i * size + k];
  }
  return context.give(op, std::move(result), results);
}

void registerScatterAdd(MLIRContext *context) { attach<train::ScatterAddOp, scatterAdd>(context); }

} // namespace ph::reference
