#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"
#include "powerhouse/Transforms/Cleanup/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_SHAREACROSSBLOCKSPASS
#include "lib/Transforms/Cleanup/Passes.h.inc"

namespace {

struct ShareAcrossBlocksPass final : impl::ShareAcrossBlocksPassBase<ShareAcrossBlocksPass> {
  void runOnOperation() override {
    // The innermost loops come first, so that what leaves one can leave the next.
    getOperation()->walk([&](LoopLikeOpInterface loop) {
      size_t left = moveLoopInvariantCode(loop);
      hoisted += left;
      if (left)
        remarkDone(loop, getArgument(), Twine(left) + " ops left the loop");
      for (Region *region : loop.getLoopRegions())
        for (Operation &op : region->getOps())
          if (!op.hasTrait<OpTrait::IsTerminator>() && !isMemoryEffectFree(&op) && isFromOutside(loop, &op))
            remarkRefused(&op, getArgument(), "it doesn't depend on the iteration, but may have effects");
    });
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(getOperation());
    int64_t before = countOps();
    eliminateCommonSubExpressions(rewriter, dominance, getOperation());
    removed += before - countOps();
  }

private:
  int64_t countOps() {
    int64_t count = 0;
    getOperation()->walk([&](Operation *) { ++count; });
    return count;
  }

  static bool isFromOutside(LoopLikeOpInterface loop, Operation *op) {
    return llvm::all_of(op->getOperands(), [&](Value value) { return loop.isDefinedOutsideOfLoop(value); });
  }
};

} // namespace
} // namespace ph
