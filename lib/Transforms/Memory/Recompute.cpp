#include "dialects/Transformer/Primitives.h"
#include "lib/Transforms/Memory/MemoryBudget.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "powerhouse/Transforms/Remarks.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOMPUTEPASS
#include "lib/Transforms/Memory/Passes.h.inc"

namespace {

/// A stack for a value of the first loop, without contents.
Value makeStack(Primitives &p, KeptValues &values, Value value) {
  SmallVector<OpFoldResult> sizes;
  auto type = cast<RankedTensorType>(value.getType());
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    if (!ShapedType::isDynamic(size)) {
      sizes.push_back(p.getI64IntegerAttr(size));
      continue;
    }
    xf::Dim outer = *values.outerDim(value, axis);
    sizes.push_back(xf::DimOp::create(p, outer.tensor, outer.axis).getResult());
  }
  auto scalar = RankedTensorType::get({}, type.getElementType());
  Value zero = arith::ConstantOp::create(p, DenseElementsAttr::get(scalar, p.getZeroAttr(type.getElementType())));
  return xf::StackEmptyOp::create(p, xf::BroadcastOp::create(p, zero, sizes), values.twins.first.getCount());
}

/// Makes the first loop keep the values, and the second read them.
void keep(KeptValues &values) {
  xf::RepeatOp first = values.twins.first;
  Primitives p(first.getLoc(), OpBuilder(first));
  SmallVector<Value> inits(first.getInitValues()), kept;
  for (Value again : values.kept) {
    auto result = cast<OpResult>(again);
    kept.push_back(values.twins.again.lookup(result.getOwner())->getResult(result.getResultNumber()));
    inits.push_back(makeStack(p, values, kept.back()));
  }
  auto keeping = xf::RepeatOp::create(p, first.getCount(), inits);
  Block *from = first.getBlock(), *to = keeping.getBlock();
  const unsigned before = from->getNumArguments();
  SmallVector<Value> yielded(first.getYield().getValues());
  first.getYield().erase();
  for (auto [old, argument] : llvm::zip(from->getArguments(), to->getArguments()))
    old.replaceAllUsesWith(argument);
  // What was yielded as it came in.
  for (Value &value : yielded)
    if (auto argument = dyn_cast<BlockArgument>(value); argument && argument.getOwner() == from)
      value = to->getArgument(argument.getArgNumber());
  to->getOperations().splice(to->end(), from->getOperations());
  for (auto [value, stack] : llvm::zip_equal(kept, to->getArguments().drop_front(before))) {
    p.setInsertionPointAfterValue(value);
    yielded.push_back(xf::StackWriteOp::create(p, value, stack, keeping.getLayer()));
  }
  p.setInsertionPointToEnd(to);
  xf::YieldOp::create(p, yielded);
  first->replaceAllUsesWith(keeping.getResults().take_front(before - 1));
  for (auto [again, stack] : llvm::zip_equal(values.kept, keeping.getResults().drop_front(before - 1))) {
    p.setInsertionPoint(again.getDefiningOp());
    Value(again).replaceAllUsesWith(xf::StackReadOp::create(p, stack, values.twins.layer));
  }
  first.erase();
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*values.twins.second.getBlock())))
    if (isOpTriviallyDead(&op))
      op.erase();
}

struct RecomputePass final : impl::RecomputePassBase<RecomputePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    auto read = MemoryBudget::read(context, getArgument(), budget, tokens, this->context);
    if (succeeded(read))
      given = *read;
    return read;
  }

  void runOnOperation() override {
    const BatchPoint at = given.at;
    std::vector<KeptValues> loops;
    llvm::SmallSetVector<Value, 4> stacks;
    for (const LoopTwins &twins : findLoopTwins(getOperation().getBody().front())) {
      stacks.insert(twins.stacks.begin(), twins.stacks.end());
      loops.emplace_back(twins, at);
    }
    if (loops.empty())
      return;
    auto timeAgain = [&] {
      double time = 0;
      for (KeptValues &loop : loops)
        time += loop.timeAgain();
      return time;
    };
    double carried = 0, before = timeAgain();
    for (Value stack : stacks)
      carried += bytesOf(stack.getType(), at);
    double used = carried + choose(loops, given.bytes - carried);
    report(loops, used, carried, timeAgain() / before);
    for (KeptValues &loop : loops)
      if (!loop.kept.empty())
        keep(loop);
  }

private:
  /// Keeps one value after the other, in `room` bytes at most. Returns how many it took.
  static double choose(std::vector<KeptValues> &loops, double room) {
    for (double used = 0;;) {
      KeptValues *chosen = nullptr;
      KeptValues::Gain best;
      for (KeptValues &loop : loops)
        if (KeptValues::Gain gain = loop.best(room - used); gain.perByte > best.perByte) {
          best = gain;
          chosen = &loop;
        }
      if (!chosen)
        return used;
      used += chosen->keep(best.value);
    }
  }

  void report(ArrayRef<KeptValues> loops, double used, double carried, double left) {
    auto whole = [](double number) { return std::to_string(int64_t(number)); };
    size_t values = 0;
    for (const KeptValues &loop : loops)
      values += loop.kept.size();
    keptValues += values;
    if (values)
      return remarkDone(getOperation(), getArgument(),
                        whole(used) + " bytes are kept, " + whole(carried) + " of what loops carry and the rest of " +
                            std::to_string(values) + " values more; " + whole(100 * left) +
                            " % of what was computed again still is");
    remarkRefused(getOperation(), getArgument(),
                  carried > given.bytes
                      ? "what loops carry takes " + whole(carried) + " bytes, more than the budget"
                      : "beside the " + whole(carried) +
                            " bytes of what loops carry the budget has room for nothing worth keeping");
  }

  MemoryBudget given;
};

} // namespace
} // namespace ph
