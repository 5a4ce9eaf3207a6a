// Loops and branches of scf that carry values.
#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult loop(scf::ForOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  int64_t lower = inputs[0].integer(), upper = inputs[1].integer(), step = inputs[2].integer();
  if (step < 1)
    return mismatch(op, "a step of at least 1", step);
  SmallVector<Value> carried(inputs.drop_front(3)), arguments;
  for (int64_t i = lower; i < upper; i += step) {
    arguments.assign(1, Value(i));
    arguments.append(carried);
    carried.clear();
    if (failed(context.run(*op.getBody(), arguments, carried)))
      return failure();
  }
  results.append(carried);
  return success();
}

static LogicalResult branch(scf::IfOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  Block *taken = inputs[0].integer() ? op.thenBlock() : op.elseBlock();
  return taken ? context.run(*taken, {}, results) : success();
}

void registerScf(MLIRContext *context) {
  attach<scf::ForOp, loop>(context);
  attach<scf::IfOp, branch>(context);
}

} // namespace ph::reference
