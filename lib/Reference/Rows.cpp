#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult split(xf::SplitOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  const Tensor &input = inputs[0].tensor();
  int64_t first = 0;
  for (int64_t size : op.getSizes()) {
    SmallVector<int64_t> shape = input.shape;
    shape.back() = size;
    Tensor part(shape);
    for (int64_t r = 0; r < input.rows(); ++r)
      std::copy_n(input.row(r) + first, size, part.row(r));
    if (failed(context.give(op, std::move(part), results)))
      return failure();
    first += size;
  }
  return success();
}

static LogicalResult selectRows(xf::SelectRowsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  const Tensor &input = inputs[0].tensor(), &rows = inputs[1].tensor();
  Tensor result({rows.shape[0], input.columns()});
  for (auto [index, row] : llvm::enumerate(rows.data)) {
    if (row < 0 || row >= double(input.rows()))
      return mismatch(op, "rows from 0 to " + Twine(input.rows() - 1), int64_t(row));
    std::copy_n(input.row(int64_t(row)), input.columns(), result.row(index));
  }
  return context.give(op, std::move(result), results);
}

void registerRows(MLIRContext *context) {
  attach<xf::SplitOp, split>(context);
  attach<xf::SelectRowsOp, selectRows>(context);
}

} // namespace ph::reference
