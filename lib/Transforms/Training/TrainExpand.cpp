#include "lib/Transforms/Training/Expansions.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Transforms/Remarks.h"
#include "powerhouse/Transforms/Training/Passes.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_TRAINEXPANDPASS
#include "lib/Transforms/Training/Passes.h.inc"

namespace {

struct TrainExpandPass final : impl::TrainExpandPassBase<TrainExpandPass> {
  void runOnOperation() override {
    Expansions expansions;
    addTokenLossExpansions(expansions);
    SmallVector<Operation *> found;
    getOperation()->walk([&](Operation *op) {
      if (expansions.find(op))
        found.push_back(op);
    });
    for (Operation *op : found) {
      Primitives primitives(op->getLoc(), op);
      SmallVector<Value> results = (*expansions.find(op))(primitives, op);
      for (auto [old, value] : llvm::zip_equal(op->getResults(), results))
        // A dimension that only one of several operands states.
        old.replaceAllUsesWith(value.getType() == old.getType()
                                   ? value
                                   : tensor::CastOp::create(primitives, old.getType(), value).getResult());
      remarkDone(op, getArgument(), "spelled out in primitives");
      op->erase();
      ++expanded;
    }
  }
};

} // namespace
} // namespace ph
