#include "lib/Reference/Models.h"
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
  }
  llvm_unreachable("an activation without semantics");
}

static LogicalResult gatedActivation(xf::GatedActivationOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                     Context &context) {
  Tensor gate = inputs[0].tensor();
  const Tensor &up = inputs[1].tensor();
  if (gate.shape != up.shape)
    return mismatch(op, "gate and up of one shape", up.shape);
  for (auto [x, u] : llvm::zip_equal(gate.data, up.data))
    x = activate(op.getActivation(), x) * u;
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

void registerActivation(MLIRContext *context) {
  attach<xf::GatedActivationOp, gatedActivation>(context);
  attach<xf::AddOp, add>(context);
}

} // namespace ph::reference
