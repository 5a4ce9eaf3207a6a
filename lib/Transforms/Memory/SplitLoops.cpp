#include "lib/Transforms/Memory/MemoryBudget.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_SPLITLOOPSPASS
#include "lib/Transforms/Memory/Passes.h.inc"

namespace {

/// How many iterations an inner loop gets, so that outer and inner ones together are fewest; 1 if there are no such.
int64_t groupOf(int64_t count) {
  int64_t best = 1;
  for (int64_t size = 2; size < count; ++size)
    if (count % size == 0 && size + count / size < best + count / best)
      best = size;
  return best;
}

void split(xf::RepeatOp loop, int64_t size) {
  ImplicitLocOpBuilder b(loop.getLoc(), loop);
  Value times = arith::ConstantIndexOp::create(b, size);
  auto outer = xf::RepeatOp::create(b, int64_t(loop.getCount()) / size, loop.getInitValues());
  b.setInsertionPointToStart(outer.getBlock());
  Value first = arith::MulIOp::create(b, outer.getLayer(), times);
  auto inner = xf::RepeatOp::create(b, size, outer.getBlock()->getArguments().drop_front());
  xf::YieldOp::create(b, inner.getResults());
  b.setInsertionPointToStart(inner.getBlock());
  loop.getLayer().replaceAllUsesWith(arith::AddIOp::create(b, first, inner.getLayer()));
  Block *from = loop.getBlock(), *to = inner.getBlock();
  for (auto [old, argument] : llvm::zip_equal(from->getArguments().drop_front(), to->getArguments().drop_front()))
    old.replaceAllUsesWith(argument);
  to->getOperations().splice(to->end(), from->getOperations());
  loop->replaceAllUsesWith(outer.getResults());
  loop.erase();
}

struct SplitLoopsPass final : impl::SplitLoopsPassBase<SplitLoopsPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    auto read = MemoryBudget::read(context, getArgument(), budget, tokens, this->context);
    if (succeeded(read))
      given = *read;
    return read;
  }

  void runOnOperation() override {
    const BatchPoint at = given.at;
    SmallVector<xf::RepeatOp> loops(getOperation().getBody().front().getOps<xf::RepeatOp>());
    double carried = 0; // of all, for each iteration
    auto bytes = [&](xf::RepeatOp loop) {
      double sum = 0;
      for (Type type : loop->getResultTypes())
        if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && tensor.getElementType().isIntOrFloat())
          sum += bytesOf(type, at);
      return sum;
    };
    for (xf::RepeatOp loop : loops)
      carried += double(loop.getCount()) * bytes(loop);
    for (xf::RepeatOp loop : loops) {
      const auto count = int64_t(loop.getCount()), size = groupOf(count);
      if (carried <= given.bytes) {
        remarkRefused(loop, getArgument(), "the budget has room for what loops carry");
      } else if (size == 1) {
        remarkRefused(loop, getArgument(), std::to_string(count) + " iterations have no groups of one size");
      } else {
        remarkDone(loop, getArgument(),
                   std::to_string(count / size) + " groups of " + std::to_string(size) + " iterations");
        split(loop, size);
        ++splitLoops;
      }
    }
  }

private:
  MemoryBudget given;
};

} // namespace
} // namespace ph
