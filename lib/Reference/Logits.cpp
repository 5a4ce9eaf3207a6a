#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

/// What xf.logits computes.
template <class Op> static Tensor score(Op op, ArrayRef<Value> inputs) {
  Tensor result = product(inputs[0].tensor(), inputs[1].tensor());
  double scale = op.getScale() ? op.getScale()->convertToDouble() : 1;
  for (double &x : result.data) {
    x *= scale;
    if (op.getSoftCap()) {
      double cap = op.getSoftCap()->convertToDouble();
      x = cap * std::tanh(x / cap);
    }
  }
  return result;
}

static LogicalResult logits(xf::LogitsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  return context.give(op, score(op, inputs), results);
}

static LogicalResult logitsArgmax(xf::LogitsArgmaxOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  Tensor scores = score(op, inputs);
  // Scores that are equal as xf.logits gives them are equal here too.
  if (context.precision() == Precision::F32)
    for (double &x : scores.data)
      x = float(x);
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
