#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult round(train::RoundOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                           Context &context) {
  Tensor result = inputs[0].tensor();
  roundThroughFloat16(result.data, op.getFormat() == train::Half::BF16);
  return context.give(op, std::move(result), results);
}

static LogicalResult roundGradient(train::RoundGradientOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                   Context &context) {
  return context.give(op, Tensor(inputs[0].tensor()), results);
}

void registerRounding(MLIRContext *context) {
  attach<train::RoundGradientOp, roundGradient>(context);
  attach<train::RoundOp, round>(context);
}

} // namespace ph::reference
