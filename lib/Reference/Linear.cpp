#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

Tensor product(const Tensor &input, const Tensor &weight) {
  SmallVector<int64_t> shape = input.shape;
  shape.back() = weight.shape[0];
  Tensor result(shape);
  // Row by row of the weight, so that one pass over it serves every row of the input.
  for (int64_t n = 0; n < weight.shape[0]; ++n)
    for (int64_t r = 0; r < input.rows(); ++r) {
      const double *x = input.row(r), *w = weight.row(n);
      double sum = 0;
      for (int64_t k = 0; k < weight.columns(); ++k)
        sum += x[k] * w[k];
      result.row(r)[n] = sum;
    }
  return result;
}

/// Adds `bias`, where it is given, to each row.
static void addBias(Tensor &result, const Value *bias) {
  if (!bias)
    return;
  for (int64_t r = 0; r < result.rows(); ++r)
    for (int64_t n = 0; n < result.columns(); ++n)
      result.row(r)[n] += bias->tensor().data[n];
}

static LogicalResult linear(xf::LinearOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  Tensor result = product(inputs[0].tensor(), inputs[1].tensor());
  addBias(result, find(op, op.getBias(), inputs));
  if (auto activation = op.getActivation())
    for (double &x : result.data)
      x = activate(*activation, x);
  if (const Value *residual = find(op, op.getResidual(), inputs)) {
    if (residual->tensor().shape != result.shape)
      return mismatch(op, "a residual of the result's shape", residual->tensor().shape);
    for (auto [x, r] : llvm::zip_equal(result.data, residual->tensor().data))
      x += r;
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult gatedLinear(xf::GatedLinearOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                 Context &context) {
  Tensor gate = product(inputs[0].tensor(), inputs[1].tensor());
  Tensor up = product(inputs[0].tensor(), inputs[2].tensor());
  addBias(gate, find(op, op.getGateBias(), inputs));
  addBias(up, find(op, op.getUpBias(), inputs));
  for (auto [x, u] : llvm::zip_equal(gate.data, up.data))
    x = activate(op.getActivation(), x) * u;
  return context.give(op, std::move(gate), results);
}

static LogicalResult linearBackward(xf::LinearBackwardOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                    Context &context) {
  const Tensor &gradient = inputs[0].tensor(), &weight = inputs[1].tensor();
  SmallVector<int64_t> shape = gradient.shape;
  shape.back() = weight.columns();
  Tensor result(shape);
  for (int64_t r = 0; r < gradient.rows(); ++r)
    for (int64_t n = 0; n < gradient.columns(); ++n)
      for (int64_t k = 0; k < weight.columns(); ++k)
        result.row(r)[k] += gradient.row(r)[n] * weight.row(n)[k];
  return context.give(op, std::move(result), results);
}

void registerLinear(MLIRContext *context) {
  attach<xf::LinearOp, linear>(context);
  attach<xf::GatedLinearOp, gatedLinear>(context);
  attach<xf::LinearBackwardOp, linearBackward>(context);
}

} // namespace ph::reference
