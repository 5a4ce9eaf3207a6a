#include "lib/Autodiff/Pushforward.h"
#include "powerhouse/Interfaces/DifferentiableOpInterface.h"

using namespace mlir;

namespace ph::autodiff {

void Pushforward::add(Value value, Value tangent) {
  if (!tangent)
    return;
  tangent = as(p, tangent, value.getType());
  Value &sum = tangents[value];
  sum = sum ? as(p, p.add(sum, tangent), value.getType()) : tangent;
}

LogicalResult Pushforward::push(ArrayRef<Operation *> ops) {
  for (Operation *op : ops) {
    auto hasTangent = [&](Value operand) { return bool(tangentOf(operand)); };
    bool depends = false;
    op->walk([&](Operation *inner) { depends |= llvm::any_of(inner->getOperands(), hasTangent); });
    if (!depends || llvm::none_of(op->getResultTypes(), isDifferentiable))
      continue;
    p.setLoc(op->getLoc());
    auto differentiable = dyn_cast<DifferentiableOpInterface>(op);
    if (auto loop = dyn_cast<xf::RepeatOp>(op)) {
      if (failed(pushLoop(*this, loop)))
        return failure();
    } else if (!differentiable) {
      return op->emitOpError() << "has no derivative rule";
    } else if (failed(differentiable.pushforward(*this))) {
      return failure();
    }
  }
  return success();
}

LogicalResult Pushforward::spelled(Operation *op, llvm::function_ref<SmallVector<Value>(Primitives &)> spell) {
  SmallVector<Value> values;
  SmallVector<Operation *> ops = opsMadeBy(p, [&] { values = spell(p); });
  if (failed(push(ops)))
    return failure();
  for (auto [result, value] : llvm::zip_equal(op->getResults(), values))
    if (value)
      add(result, tangentOf(value));
  return success();
}

LogicalResult Pushforward::multilinear(Operation *op) {
  for (OpOperand &operand : op->getOpOperands()) {
    Value tangent = tangentOf(operand.get());
    if (!tangent)
      continue;
    Operation *twin = p.clone(*op);
    twin->setOperand(operand.getOperandNumber(), tangent);
    for (auto [result, part] : llvm::zip_equal(op->getResults(), twin->getResults()))
      add(result, part);
  }
  return success();
}

} // namespace ph::autodiff
