#include "OwnDestinations.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace ph::conversion {

static void giveEachUseItsOwn(Operation *op) {
  OpBuilder b(op);
  for (OpOperand &use : llvm::make_early_inc_range(llvm::drop_begin(op->getResult(0).getUses()))) {
    if (isa<tensor::DimOp>(use.getOwner()))
      continue;
    // Where it is used, so that what a loop makes anew in each turn begins there.
    b.setInsertionPoint(use.getOwner());
    use.set(b.clone(*op)->getResult(0));
  }
}

void giveOwnDestinations(func::FuncOp function) {
  SmallVector<Operation *> slices, empties;
  function.walk([&](tensor::ExtractSliceOp op) {
    if (op.getSource().getDefiningOp<tensor::EmptyOp>())
      slices.push_back(op);
  });
  for (Operation *op : slices)
    giveEachUseItsOwn(op);
  function.walk([&](tensor::EmptyOp op) { empties.push_back(op); });
  for (Operation *op : empties)
    giveEachUseItsOwn(op);
}

} // namespace ph::conversion
