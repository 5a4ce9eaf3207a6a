// Lifetimes where an op has regions, or calls a function.
#include "lib/Analysis/Memory/Ends.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "powerhouse/Analysis/Memory.h"

using namespace mlir;

namespace ph::analysis {

void Lifetimes::carryIn(Operation *loop, ValueRange inits, ValueRange carried) {
  for (auto [init, argument] : llvm::zip_equal(inits, carried)) {
    if (!isa<RankedTensorType>(argument.getType()))
      continue;
    std::optional<unsigned> buffer = bufferOf(init);
    // The loop works on the memory of what comes in, which it must not read besides.
    auto inLoop = [&](Operation *user) { return loop->isAncestor(user); };
    if (buffer && endsAt(init, loop) && llvm::count_if(init.getUsers(), inLoop) == 1)
      place(argument, *buffer);
    else
      make(argument, loop->getName().getStringRef());
  }
}

void Lifetimes::carryOut(Operation *loop, ValueRange carried) {
  nextEvent(loop);
  for (auto [argument, result] : llvm::zip_equal(carried, loop->getResults()))
    if (std::optional<unsigned> buffer = bufferOf(argument))
      place(result, *buffer);
  loop->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (inner != loop && !loop->isAncestor(operand.getParentRegion()->getParentOp()))
        touch(operand);
  });
}

LogicalResult Lifetimes::visitLoop(Operation *loop, ValueRange inits, ValueRange carried) {
  carryIn(loop, inits, carried);
  Block &body = loop->getRegion(0).front();
  if (failed(visit(body)))
    return failure();
  // At the yield: values that are in the place of another one must leave before that one is written.
  for (auto [argument, value] : llvm::zip_equal(carried, body.getTerminator()->getOperands()))
    for (Value other : carried)
      if (other != argument && bufferOf(value) && bufferOf(value) == bufferOf(other))
        all.push_back({{value}, now(), now(), body.getTerminator()->getName().getStringRef().str(), {}, {}});
  carryOut(loop, carried);
  return success();
}

void Lifetimes::nest(Lifetimes inner, Operation *owner, StringRef holder) {
  all.push_back({{}, now(), now(), holder.str(), std::make_shared<const Lifetimes>(std::move(inner)), owner});
}

/// Threads write parts of what is shared, each from memory of its own.
LogicalResult Lifetimes::visitForall(Operation *op) {
  auto forall = cast<scf::ForallOp>(op);
  ValueRange carried = forall.getRegionOutArgs();
  carryIn(op, forall.getOutputs(), carried);
  Lifetimes thread;
  thread.active = active;
  for (Operation &inner : forall.getBody()->without_terminator())
    if (failed(thread.visit(&inner)))
      return failure();
  thread.nextEvent(forall.getTerminator());
  forall.getTerminator()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      thread.touch(operand);
  });
  nest(std::move(thread), op, op->getName().getStringRef());
  unsigned memory = all.size() - 1;
  carryOut(op, carried);
  all[memory].last = now();
  return success();
}

/// Either side copies what it yields to where the results are.
LogicalResult Lifetimes::visitIf(Operation *op) {
  for (Value result : op->getResults())
    if (isa<RankedTensorType>(result.getType()))
      make(result, op->getName().getStringRef());
  for (Region &side : op->getRegions())
    if (!side.empty() && failed(visit(side.front())))
      return failure();
  carryOut(op, op->getResults());
  return success();
}

LogicalResult Lifetimes::visitCall(Operation *op) {
  auto call = cast<func::CallOp>(op);
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.getCalleeAttr());
  if (!callee || callee.isExternal())
    return op->emitOpError() << "expects a function with a body, where memory is planned, but @" << call.getCallee()
                             << " has none";
  if (llvm::is_contained(active, callee))
    return op->emitOpError() << "expects a function that doesn't call itself, where memory is planned, but @"
                             << call.getCallee() << " does";
  if (!llvm::hasSingleElement(callee.getBody()))
    return callee.emitOpError() << "expects a body of one block, where memory is planned";
  Lifetimes inner;
  inner.active = active;
  inner.active.push_back(callee);
  if (failed(inner.visit(callee.getBody().front())))
    return failure();
  nest(std::move(inner), op, ("@" + call.getCallee()).str());
  for (Value result : op->getResults())
    if (isa<RankedTensorType>(result.getType()))
      make(result, op->getName().getStringRef());
  return success();
}

} // namespace ph::analysis
