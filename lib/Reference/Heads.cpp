#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

/// Copies `width` elements of each head of each row between tensors whose heads have `from` and `to` elements.
static void copyHeads(const Tensor &source, int64_t from, int64_t sourceFirst, Tensor &target, int64_t to,
                      int64_t targetFirst, int64_t heads, int64_t width) {
  for (int64_t r = 0; r < target.rows(); ++r)
    for (int64_t h = 0; h < heads; ++h)
      std::copy_n(source.row(r) + h * from + sourceFirst, width, target.row(r) + h * to + targetFirst);
}

static LogicalResult splitHeads(xf::SplitHeadsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  const Tensor &input = inputs[0].tensor();
  int64_t heads = op.getHeads(), first = 0;
  for (mlir::Value result : op.getParts()) {
    SmallVector<int64_t> shape = input.shape;
    shape.back() = cast<RankedTensorType>(result.getType()).getShape().back();
    int64_t width = shape.back() / heads;
    Tensor part(shape);
    copyHeads(input, input.columns() / heads, first, part, width, 0, heads, width);
    first += width;
    if (failed(context.give(op, std::move(part), results)))
      return failure();
  }
  return success();
}

static LogicalResult joinHeads(xf::JoinHeadsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  int64_t heads = op.getHeads(), features = op.getResult().getType().getShape().back(), first = 0;
  SmallVector<int64_t> shape = inputs[0].tensor().shape;
  shape.back() = features;
  Tensor result(shape);
  for (auto [index, input] : llvm::enumerate(inputs)) {
    const Tensor &part = input.tensor();
    if (ArrayRef(part.shape).drop_back() != ArrayRef(shape).drop_back())
      return mismatch(op, "parts of one shape but for their features", part.shape);
    int64_t width = op.getWidth(index);
    copyHeads(part, op.isShared(index) ? 0 : width, 0, result, features / heads, first, heads, width);
    first += width;
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult headLinear(xf::HeadLinearOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  const Tensor &input = inputs[0].tensor(), &weight = inputs[1].tensor();
  int64_t heads = weight.shape[0], rows = weight.shape[1], columns = weight.shape[2];
  bool transposed = op.getTransposed();
  SmallVector<int64_t> shape = input.shape;
  shape.back() = heads * (transposed ? columns : rows);
  Tensor result(shape);
  for (int64_t r = 0; r < input.rows(); ++r)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) {
          double w = weight.row(h * rows + i)[j];
          if (transposed)
            result.row(r)[h * columns + j] += w * input.row(r)[h * rows + i];
          else
            result.row(r)[h * rows + i] += w * input.row(r)[h * columns + j];
        }
  return context.give(op, std::move(result), results);
}

void registerHeads(MLIRContext *context) {
  attach<xf::SplitHeadsOp, splitHeads>(context);
  attach<xf::JoinHeadsOp, joinHeads>(context);
  attach<xf::HeadLinearOp, headLinear>(context);
}

} // namespace ph::reference
