// Loops and branches of scf that carry values.
#include "lib/Reference/Slice.h"

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

static LogicalResult whileLoop(scf::WhileOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  SmallVector<Value> carried(inputs), next;
  while (true) {
    next.clear();
    if (failed(context.run(*op.getBeforeBody(), carried, next)))
      return failure();
    carried.clear();
    if (!next.front().integer())
      break;
    if (failed(context.run(*op.getAfterBody(), ArrayRef(next).drop_front(), carried)))
      return failure();
  }
  results.append(next.begin() + 1, next.end());
  return success();
}

/// Each point sees what was there before the loop, whatever other points have written.
static LogicalResult forall(scf::ForallOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  size_t next = 0;
  auto numbers = [&](ArrayRef<OpFoldResult> entries) {
    return llvm::map_to_vector(entries, [&](OpFoldResult entry) {
      std::optional<int64_t> constant = dyn_cast<Attribute>(entry) ? getConstantIntValue(entry) : std::nullopt;
      return constant ? *constant : inputs[next++].integer();
    });
  };
  SmallVector<int64_t> lower = numbers(op.getMixedLowerBound()), upper = numbers(op.getMixedUpperBound()),
                       step = numbers(op.getMixedStep());
  for (int64_t each : step)
    if (each < 1)
      return mismatch(op, "steps of at least 1", step);
  ArrayRef<Value> outputs = inputs.drop_front(next);
  SmallVector<Tensor> written = llvm::map_to_vector(outputs, [](const Value &value) { return value.tensor(); });
  SmallVector<int64_t> point = lower;
  bool more = llvm::all_of_zip(lower, upper, [](int64_t from, int64_t to) { return from < to; });
  while (more) {
    SmallVector<Value> arguments(point.begin(), point.end()), none;
    arguments.append(outputs.begin(), outputs.end());
    if (failed(context.run(*op.getBody(), arguments, none)))
      return failure();
    for (Operation &inner : op.getTerminator().getYieldingOps()) {
      auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(inner);
      if (!insert)
        return inner.emitOpError() << "expects to be a tensor.parallel_insert_slice to be run";
      unsigned output = cast<BlockArgument>(insert.getDest()).getArgNumber() - op.getRank();
      SmallVector<Value> dynamic;
      for (mlir::Value operand : insert->getOperands().drop_front(2))
        dynamic.push_back(context.valueOf(operand));
      if (failed(sliceOf(insert, dynamic).put(insert, context.valueOf(insert.getSource()).tensor(), written[output])))
        return failure();
    }
    more = false;
    for (size_t dim = point.size(); dim-- > 0 && !more;) {
      point[dim] += step[dim];
      more = point[dim] < upper[dim];
      if (!more)
        point[dim] = lower[dim];
    }
  }
  for (Tensor &tensor : written)
    results.emplace_back(std::move(tensor));
  return success();
}

static LogicalResult branch(scf::IfOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  Block *taken = inputs[0].integer() ? op.thenBlock() : op.elseBlock();
  return taken ? context.run(*taken, {}, results) : success();
}

void registerScf(MLIRContext *context) {
  attach<scf::ForOp, loop>(context);
  attach<scf::WhileOp, whileLoop>(context);
  attach<scf::ForallOp, forall>(context);
  attach<scf::IfOp, branch>(context);
}

} // namespace ph::reference
