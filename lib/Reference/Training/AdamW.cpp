#include "lib/Reference/Training/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

static LogicalResult adamw(train::AdamWOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                           Context &context) {
  Tensor w = inputs[0].tensor(), m = inputs[2].tensor(), v = inputs[3].tensor();
  const Tensor &gradient = inputs[1].tensor();
  for (const Tensor *other : std::initializer_list<const Tensor *>{&gradient, &m, &v})
    if (other->shape != w.shape)
      return mismatch(op, "a gradient and states of the parameter's shape", other->shape);
  double rate = scalar(&inputs[4], 0), step = scalar(&inputs[5], 0), scale = scalar(find(op, op.getScale(), inputs), 1);
  double beta1 = op.getBeta1().convertToDouble(), beta2 = op.getBeta2().convertToDouble();
  double eps = op.getEps().convertToDouble(), decay = op.getWeightDecay().convertToDouble();
  if (scalar(find(op, op.getFinite(), inputs), 1) != 0)
    for (size_t i = 0; i < w.data.size(); ++i) {
      double g = gradient.data[i] * scale;
      m.data[i] = beta1 * m.data[i] + (1 - beta1) * g;
      v.data[i] = beta2 * v.data[i] + (1 - beta2) * g * g;
      double mean = m.data[i] / (1 - std::pow(beta1, step)), variance = v.data[i] / (1 - std::pow(beta2, step));
      w.data[i] = w.data[i] * (1 - rate * decay) - rate * mean / (std::sqrt(variance) + eps);
    }
  for (Tensor *result : {&w, &m, &v})
    if (failed(context.give(op, std::move(*result), results)))
      return failure();
  return success();
}

void registerAdamW(MLIRContext *context) { attach<train::AdamWOp, adamw>(context); }

} // namespace ph::reference
