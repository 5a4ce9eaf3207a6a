#include "CarriedTensors.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

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

} // namespace ph::conversion
