#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

Tensor score(const Tensor &input, const Tensor &weight, std::optional<APFloat> scale, std::optional<APFloat> softCap,
             const Context &context) {
  Tensor result = product(input, weight);
  double factor = scale ? scale->convertToDouble() : 1, cap = softCap ? softCap->convertToDouble() : 0;
  for (double &x : result.data) {
    x *= factor;
    if (softCap)
      x = cap * std::tanh(x / cap);
    if (context.precision() == Precision::F32)
      x = float(x);
  }
  return result;
}

template <class Op> static Tensor score(Op op, ArrayRef<Value> inputs, const Context &context) {
  return score(inputs[0].tensor(), inputs[1].tensor(), op.getScale(), op.getSoftCap(), context);
}

static LogicalResult logits(xf::LogitsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  return context.give(op, score(op, inputs, context), results);
}

static LogicalResult logitsArgmax(xf::LogitsArgmaxOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  Tensor scores = score(op, inputs, context);
  Tensor result(ArrayRef<int64_t>(scores.shape).drop_back());
  for (auto [row, token] : llvm::enumerate(result.data)) {
    double best = -INFINITY;
    for (int64_t n = 0; n < scores.columns(); ++n)
      if (double score = scores.row(row)[n]; std::isfinite(score) && score > best) {
        best = score;
        token = double(n);
      }
    if (best == -INFINITY)
      return mismatch(op, "a finite score in each row", int64_t(row));
  }
  return context.give(op, std::move(result), results);
}

void registerLogits(MLIRContext *context) {
  attach<xf::LogitsOp, logits>(context);
  attach<xf::LogitsArgmaxOp, logitsArgmax>(context);
}

} // namespace ph::reference
