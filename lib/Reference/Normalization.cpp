#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

/// The norm of each slice of `tensor`, with the mean taken off first where `centered`. `weight` and `bias` may be null.
template <class Op>
static void normalize(Op op, Tensor &tensor, bool centered, const Value *weight, const Value *bias) {
  int64_t columns = tensor.columns(), size = columns / int64_t(op.getHeads().value_or(1));
  double eps = op.getEps().convertToDouble(), offset = op.getOffset() ? op.getOffset()->convertToDouble() : 0;
  auto element = [](const Value *vector, int64_t i) {
    const std::vector<double> &data = vector->tensor().data;
    return data[i % int64_t(data.size())];
  };
  for (int64_t at = 0; at < int64_t(tensor.data.size()); at += size) {
    double *x = tensor.data.data() + at, mean = 0, squares = 0;
    for (int64_t i = 0; centered && i < size; ++i)
      mean += x[i] / double(size);
    for (int64_t i = 0; i < size; ++i)
      squares += (x[i] - mean) * (x[i] - mean);
    double root = std::sqrt(squares / double(size) + eps);
    for (int64_t i = 0; i < size; ++i) {
      double scale = weight ? element(weight, at % columns + i) + offset : 1;
      x[i] = scale * (x[i] - mean) / root + (bias ? element(bias, at % columns + i) : 0);
    }
  }
}

static LogicalResult rmsNorm(xf::RmsNormOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  Tensor result = inputs[0].tensor();
  normalize(op, result, /*centered=*/false, find(op, op.getWeight(), inputs), nullptr);
  return context.give(op, std::move(result), results);
}

static LogicalResult layerNorm(xf::LayerNormOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  Tensor result = inputs[0].tensor();
  normalize(op, result, /*centered=*/true, find(op, op.getWeight(), inputs), find(op, op.getBias(), inputs));
  return context.give(op, std::move(result), results);
}

/// Gives the sum of the addends; `norm` is then a copy of it.
static LogicalResult giveSum(Operation *op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context,
                             Tensor &norm) {
  Tensor sum = inputs[0].tensor();
  const Tensor &rhs = inputs[1].tensor();
  if (sum.shape != rhs.shape)
    return mismatch(op, "addends of one shape", rhs.shape);
  for (auto [x, y] : llvm::zip_equal(sum.data, rhs.data))
    x += y;
  if (failed(context.give(op, std::move(sum), results)))
    return failure();
  norm = results.back().tensor();
  return success();
}

static LogicalResult addRmsNorm(xf::AddRmsNormOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  Tensor norm;
  if (failed(giveSum(op, inputs, results, context, norm)))
    return failure();
  normalize(op, norm, /*centered=*/false, find(op, op.getWeight(), inputs), nullptr);
  return context.give(op, std::move(norm), results);
}

static LogicalResult addLayerNorm(xf::AddLayerNormOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  Tensor norm;
  if (failed(giveSum(op, inputs, results, context, norm)))
    return failure();
  normalize(op, norm, /*centered=*/true, find(op, op.getWeight(), inputs), find(op, op.getBias(), inputs));
  return context.give(op, std::move(norm), results);
}

void registerNormalization(MLIRContext *context) {
  attach<xf::RmsNormOp, rmsNorm>(context);
  attach<xf::LayerNormOp, layerNorm>(context);
  attach<xf::AddRmsNormOp, addRmsNorm>(context);
  attach<xf::AddLayerNormOp, addLayerNorm>(context);
}

} // namespace ph::reference
