#include "lib/Reference/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

static LogicalResult rmsNorm(xf::RmsNormOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  Tensor result = inputs[0].tensor();
  const Tensor &weight = inputs[1].tensor();
  int64_t columns = result.columns();
  for (int64_t r = 0; r < result.rows(); ++r) {
    double *x = result.row(r), squares = 0;
    for (int64_t i = 0; i < columns; ++i)
      squares += x[i] * x[i];
    double root = std::sqrt(squares / double(columns) + op.getEps().convertToDouble());
    for (int64_t i = 0; i < columns; ++i)
      x[i] = weight.data[i] * x[i] / root;
  }
  return context.give(op, std::move(result), results);
}

void registerNormalization(MLIRContext *context) { attach<xf::RmsNormOp, rmsNorm>(context); }

} // namespace ph::reference
