#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

void rotate(double *row, int64_t heads, int64_t headDim, double position, xf::RopeAttr rope,
            ArrayRef<double> frequencies) {
  double factor = rope.getAttentionFactor();
  for (auto [i, frequency] : llvm::enumerate(frequencies)) {
    auto [first, second] = rope.getPair(i);
    double c = factor * std::cos(position * frequency), s = factor * std::sin(position * frequency);
    for (int64_t h = 0; h < heads; ++h) {
      double &a = row[h * headDim + first], &b = row[h * headDim + second], x = a;
      a = x * c - b * s;
      b = b * c + x * s;
    }
  }
}

LogicalResult rotateAll(Operation *op, Tensor &tensor, const Tensor &positions, int64_t headDim, xf::RopeAttr rope) {
  if (positions.shape != ArrayRef(tensor.shape).take_front(2))
    return mismatch(op, "a position for each token", positions.shape);
  int64_t length = 0;
  for (double position : positions.data)
    length = std::max(length, int64_t(position) + 1);
  SmallVector<double> frequencies = rope.getFrequencies(length);
  for (int64_t r = 0; r < tensor.rows(); ++r)
    rotate(tensor.row(r), tensor.columns() / headDim, headDim, positions.data[r], rope, frequencies);
  return success();
}

static LogicalResult rope(xf::RopeOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  Tensor result = inputs[0].tensor();
  int64_t headDim = result.columns() / int64_t(op.getHeads());
  if (failed(rotateAll(op, result, inputs[1].tensor(), headDim, op.getRope())))
    return failure();
  return context.give(op, std::move(result), results);
}

void registerRope(MLIRContext *context) { attach<xf::RopeOp, rope>(context); }

} // namespace ph::reference
