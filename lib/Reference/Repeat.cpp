#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult repeat(xf::RepeatOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  SmallVector<Value> carried(inputs), arguments;
  for (int64_t layer = 0; layer < int64_t(op.getCount()); ++layer) {
    arguments.assign(1, Value(layer));
    arguments.append(carried);
    carried.clear();
    if (failed(context.run(*op.getBlock(), arguments, carried)))
      return failure();
  }
  results.append(carried);
  return success();
}

void registerRepeat(MLIRContext *context) { attach<xf::RepeatOp, repeat>(context); }

} // namespace ph::reference
