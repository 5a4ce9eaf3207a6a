#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult encode(xf::EncodeOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  if (op.getInput().getType() == op.getResult().getType()) {
    results.push_back(inputs[0]);
    return success();
  }
  return context.give(op, inputs[0].tensor(), results);
}

void registerEncoding(MLIRContext *context) { attach<xf::EncodeOp, encode>(context); }

} // namespace ph::reference
