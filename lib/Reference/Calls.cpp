// Calls of functions.
#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult call(func::CallOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, op.getCalleeAttr());
  if (!callee)
    return op.emitOpError() << "expects a function to call, but got " << op.getCalleeAttr();
  return context.call(callee, inputs, results);
}

void registerFunc(MLIRContext *context) { attach<func::CallOp, call>(context); }

} // namespace ph::reference
