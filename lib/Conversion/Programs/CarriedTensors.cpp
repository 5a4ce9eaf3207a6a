#include "CarriedTensors.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ph::conversion {

/// What `value` is an update of: what it is written over.
static Value origin(Value value) {
  while (auto result = dyn_cast<OpResult>(value)) {
    Operation *op = result.getOwner();
    if (auto loop = dyn_cast<LoopLikeOpInterface>(op); loop && loop.getTiedLoopInit(result))
      value = loop.getTiedLoopInit(result)->get();
    else if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
      value = insert.getDest();
    else if (auto insert = dyn_cast<tensor::InsertOp>(op))
      value = insert.getDest();
    else if (auto destination = dyn_cast<DestinationStyleOpInterface>(op))
      value = destination.getTiedOpOperand(result)->get();
    else
      break;
  }
  return value;
}

/// What is carried has the sizes that it came in with.
static void keepSizes(scf::ForOp loop, BlockArgument argument) {
  Value init = loop.getTiedLoopInit(argument)->get(), result = loop.getTiedLoopResult(argument);
  for (Value same : {Value(argument), result})
    for (Operation *user : llvm::make_early_inc_range(same.getUsers()))
      if (auto dim = dyn_cast<tensor::DimOp>(user))
        dim.getSourceMutable().assign(init);
}

void carryInPlace(func::FuncOp function) {
  function.walk([](scf::ForOp loop) {
    auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
    ImplicitLocOpBuilder b(loop.getLoc(), yield);
    for (auto [argument, operand] : llvm::zip_equal(loop.getRegionIterArgs(), yield->getOpOperands())) {
      if (!isa<RankedTensorType>(argument.getType()))
        continue;
      keepSizes(loop, argument);
      if (origin(operand.get()) == argument)
        continue;
      operand.set(bufferization::MaterializeInDestinationOp::create(b, argument.getType(), operand.get(), argument)
                      .getResult());
    }
  });
}

/// Whether nothing depends on what `loop` carries as its `number`th but the same of the next turn.
static bool isUnread(scf::ForOp loop, unsigned number) {
  if (!loop.getResult(number).use_empty())
    return false;
  llvm::SetVector<Value> dependent;
  dependent.insert(loop.getRegionIterArg(number));
  for (size_t i = 0; i < dependent.size(); ++i)
    for (OpOperand &use : dependent[i].getUses()) {
      Operation *user = use.getOwner(), *parent = user->getParentOp();
      unsigned place = use.getOperandNumber();
      if (isa<scf::YieldOp>(user) && parent == loop) {
        if (place != number)
          return false;
      } else if (auto inner = dyn_cast<scf::ForOp>(parent); inner && isa<scf::YieldOp>(user)) {
        dependent.insert(inner.getRegionIterArg(place));
        dependent.insert(inner.getResult(place));
      } else if (auto inner = dyn_cast<scf::ForOp>(user); inner && inner.getTiedLoopRegionIterArg(&use)) {
        dependent.insert(inner.getTiedLoopRegionIterArg(&use));
        dependent.insert(inner.getTiedLoopResult(&use));
      } else if (!user->hasTrait<OpTrait::IsTerminator>() && isMemoryEffectFree(user)) {
        dependent.insert_range(user->getResults());
      } else {
        return false;
      }
    }
  return true;
}

void leaveUnread(func::FuncOp function) {
  function.walk([](scf::ForOp loop) {
    Operation *yield = loop.getBody()->getTerminator();
    for (BlockArgument argument : loop.getRegionIterArgs()) {
      unsigned number = loop.getTiedLoopResult(argument).getResultNumber();
      if (isa<RankedTensorType>(argument.getType()) && isUnread(loop, number))
        yield->setOperand(number, argument);
    }
  });
}

} // namespace ph::conversion
