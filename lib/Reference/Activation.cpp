#include "lib/Reference/Models.h"
#include <algorithm>
#include <cmath>
#include <numbers>

using namespace mlir;

namespace ph::reference {

double activate(xf::Activation activation, double x) {
  switch (activation) {
  case xf::Activation::Silu:
    return x / (1 + std::exp(-x));
  case xf::Activation::Gelu:
    return x / 2 * (1 + std::erf(x * std::numbers::sqrt2 / 2));
  case xf::Activation::GeluTanh:
    return x / 2 * (1 + std::tanh(std::sqrt(2 * std::numbers::inv_pi) * (x + 0.044715 * x * x * x)));
  case xf::Activation::Relu:
    return std::fmax(x, 0);
  case xf::Activation::QuickGelu:
    return x / (1 + std::exp(-1.702 * x));
  case xf::Activation::Relu2:
    return std::fmax(x, 0) * std::fmax(x, 0);
  case xf::Activation::Tanh:
    return std::tanh(x);
  case xf::Activation::Sigmoid:
    return 1 / (1 + std::exp(-x));
  }
  llvm_unreachable("an activation without semantics");
}

static LogicalResult activation(xf::ActivationOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  Tensor result = inputs[0].tensor();
  for (double &x : result.data)
    x = activate(op.getActivation(), x);
  return context.give(op, std::move(result), results);
}

static LogicalResult gatedActivation(xf::GatedActivationOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                     Context &context) {
  Tensor gate = inputs[0].tensor();
  const Tensor &up = inputs[1].tensor();
  if (gate.shape != up.shape)
    return mismatch(op, "gate and up of one shape", up.shape);
  double limit = op.getLimit() ? op.getLimit()->convertToDouble() : INFINITY;
  double offset = op.getUpOffset() ? op.getUpOffset()->convertToDouble() : 0;
  for (auto [x, u] : llvm::zip_equal(gate.data, up.data))
    x = activate(op.getActivation(), std::min(x, limit)) * (std::clamp(u, -limit, limit) + offset);
  return context.give(op, std::move(gate), results);
}

static LogicalResult add(xf::AddOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  Tensor sum = inputs[0].tensor();
  const Tensor &rhs = inputs[1].tensor();
  if (sum.shape != rhs.shape)
    return mismatch(op, "addends of one shape", rhs.shape);
  for (auto [x, y] : llvm::zip_equal(sum.data, rhs.data))
    x += y;
  return context.give(op, std::move(sum), results);
}

static LogicalResult mul(xf::MulOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  Tensor product = inputs[0].tensor();
  const Tensor &rhs = inputs[1].tensor();
  bool perRow = rhs.columns() == 1;
  SmallVector<int64_t> expected = product.shape;
  if (perRow)
    expected.back() = 1;
  if (rhs.shape != expected)
    return mismatch(op, "factors of one shape", rhs.shape);
  for (auto [index, x] : llvm::enumerate(product.data))
    x *= rhs.data[perRow ? int64_t(index) / product.columns() : index];
  return context.give(op, std::move(product), results);
}

static LogicalResult scale(xf::ScaleOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  Tensor result = inputs[0].tensor();
  for (double &x : result.data)
    x *= op.getFactor().convertToDouble();
  return context.give(op, std::move(result), results);
}

void registerActivation(MLIRContext *context) {
  attach<xf::ActivationOp, activation>(context);
  attach<xf::GatedActivationOp, gatedActivation>(context);
  attach<xf::AddOp, add>(context);
  attach<xf::MulOp, mul>(context);
  attach<xf::ScaleOp, scale>(context);
}

} // namespace ph::reference
