#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult expertOuterAdd(train::ExpertOuterAddOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                    Context &context) {
  const Tensor &gradient = inputs[0].tensor(), &input = inputs[1].tensor(), &experts = inputs[3].tensor();
  Tensor result = inputs[2].tensor();
  int64_t count = result.shape[0], rows = result.shape[1], columns = result.shape[2];
  int64_t choices = op.hasRowPerExpert() ? 1 : experts.columns();
  if (gradient.rows() != int64_t(experts.data.size()))
    return mismatch(op, "a gradient for each expert of each token", gradient.shape);
  if (input.rows() * choices != int64_t(experts.data.size()))
    return mismatch(op, "an input of the dimensions of experts", input.shape);
  for (auto [slot, expert] : llvm::enumerate(experts.data)) {
    if (expert < 0 || expert >= double(count))
      return mismatch(op, "experts from 0 to " + Twine(count - 1), int64_t(expert));
    const double *g = gradient.row(slot), *x = input.row(int64_t(slot) / choices);
    for (int64_t n = 0; n < rows; ++n)
      for (int64_t k = 0; k < columns; ++k)
        result.data[(int64_t(expert) * rows + n) * columns + k] += g[n] * x[k];
  }
  return context.give(op, std::move(result), results);
}

void registerExpertOuterAdd(MLIRContext *context) { attach<train::ExpertOuterAddOp, expertOuterAdd>(context); }

} // namespace ph::reference
