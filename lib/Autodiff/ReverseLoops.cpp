// Loops reversed as loops. What a loop carries is kept for each iteration; the rest is computed again.
#include "lib/Autodiff/Pullback.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ph::autodiff {
namespace {

/// Something from outside that a loop differentiates by.
struct Outer {
  Value value;
  bool byLayer = false; ///< a stack of which an iteration only reads layers
  bool fresh = false;   ///< every layer of its gradient is written by the loop, so that what is there before is nothing
};

class LoopReversal {
public:
  LoopReversal(Pullback &pull, xf::RepeatOp loop)
      : pull(pull), p(pull.p), loop(loop), count(loop.getCount()), active(pull.activity.inLoop(loop)) {}

  LogicalResult run() {
    for (Type type : loop->getResultTypes())
      if (!isa<RankedTensorType>(type))
        return loop.emitOpError() << "carries " << type
                                  << ", which has no derivative: xf-remove-cache makes keys and values tensors";
    findOuter();
    keepCarried();
    return goBack();
  }

private:
  Block *body() { return loop.getBlock(); }
  Block::BlockArgListType carried() { return body()->getArguments().drop_front(); }

  void findOuter() {
    llvm::SetVector<Value> found;
    loop.getBody().walk([&](Operation *op) {
      for (Value operand : op->getOperands())
        if (pull.wants(operand) && !loop.getBody().isAncestor(operand.getParentRegion()))
          found.insert(operand);
    });
    for (Value value : found) {
      Outer each = {value};
      bool own = true; // each iteration reads the layer of its number
      each.byLayer = llvm::all_of(value.getUses(), [&](OpOperand &use) {
        if (!loop.getBody().isAncestor(use.getOwner()->getParentRegion()))
          return true;
        auto read = dyn_cast<xf::StackReadOp>(use.getOwner());
        own &= read && read.getIndex() == loop.getLayer();
        return read && read->getBlock() == body();
      });
      each.fresh = each.byLayer && own && !pull.gradientOf(value) &&
                   cast<RankedTensorType>(value.getType()).getDimSize(0) == count;
      outer.push_back(each);
    }
  }

  /// Makes the loop keep what it carries: a stack for each of these values, which are results after the others.
  void keepCarried() {
    OpBuilder::InsertionGuard guard(p);
    p.setInsertionPoint(loop);
    SmallVector<Value> inits(loop.getInitValues());
    for (auto [argument, init] : llvm::zip_equal(carried(), loop.getInitValues())) {
      kept.push_back(!argument.use_empty());
      if (kept.back())
        inits.push_back(xf::StackEmptyOp::create(p, init, count));
    }
    auto twin = xf::RepeatOp::create(p, count, inits);
    IRMapping mapping;
    mapping.map(loop.getLayer(), twin.getLayer());
    Block::BlockArgListType arguments = twin.getBlock()->getArguments().drop_front();
    mapping.map(carried(), arguments.take_front(kept.size()));
    p.setInsertionPointToStart(twin.getBlock());
    SmallVector<Value> stacks;
    for (auto [index, isKept] : llvm::enumerate(kept))
      if (isKept)
        stacks.push_back(
            xf::StackWriteOp::create(p, arguments[index], arguments[kept.size() + stacks.size()], twin.getLayer()));
    for (Operation &op : body()->without_terminator())
      p.clone(op, mapping);
    SmallVector<Value> yielded =
        llvm::map_to_vector(loop.getYield().getValues(), [&](Value v) { return mapping.lookupOrDefault(v); });
    llvm::append_range(yielded, stacks);
    xf::YieldOp::create(p, yielded);
    for (auto [old, result] : llvm::zip(loop.getResults(), twin.getResults()))
      gradients.push_back(pull.gradientOf(old));
    loop->replaceAllUsesWith(twin.getResults().take_front(kept.size()));
    pull.replaced.push_back(loop);
    saved = llvm::to_vector_of<Value>(twin.getResults().drop_front(kept.size()));
  }

  LogicalResult goBack() {
    // The gradients of what is carried, and then of what is outside.
    SmallVector<Value> inits;
    for (auto [index, isActive] : llvm::enumerate(active))
      if (isActive)
        inits.push_back(gradients[index] ? gradients[index] : zerosLike(p, loop.getInitValues()[index]));
    for (const Outer &each : outer) {
      Value before = pull.gradientOf(each.value);
      if (!before)
        before = each.fresh ? emptyLike(each.value) : zerosLike(p, each.value);
      inits.push_back(before);
    }
    auto back = xf::RepeatOp::create(p, count, inits);
    OpBuilder::InsertionGuard guard(p);
    p.setInsertionPointToStart(back.getBlock());
    SmallVector<Value> yielded;
    if (failed(iteration(back, yielded)))
      return failure();
    p.setInsertionPointToEnd(back.getBlock());
    xf::YieldOp::create(p, yielded);
    // Outside again.
    p.setInsertionPointAfter(back);
    ResultRange ofCarried = back.getResults().drop_back(outer.size());
    for (auto [each, gradient] : llvm::zip_equal(outer, back.getResults().take_back(outer.size())))
      pull.set(each.value, gradient);
    auto result = ofCarried.begin();
    for (auto [index, isActive] : llvm::enumerate(active))
      if (isActive)
        pull.add(loop.getInitValues()[index], *result++);
    return success();
  }

  /// A stack without contents for the gradients of the layers of `stack`.
  Value emptyLike(Value stack) {
    Value first = xf::StackReadOp::create(p, stack, arith::ConstantIndexOp::create(p, 0));
    return xf::StackEmptyOp::create(p, first, count);
  }

  LogicalResult iteration(xf::RepeatOp back, SmallVector<Value> &yielded) {
    Value last = arith::ConstantIndexOp::create(p, count - 1);
    Value layer = arith::SubIOp::create(p, last, back.getLayer());
    IRMapping mapping;
    mapping.map(loop.getLayer(), layer);
    SmallVector<Value> reads(kept.size());
    for (auto [index, isKept] : llvm::enumerate(kept)) {
      if (!isKept)
        continue;
      unsigned stack = llvm::count(ArrayRef(kept).take_front(index), true);
      reads[index] = xf::StackReadOp::create(p, saved[stack], layer);
      mapping.map(carried()[index], reads[index]);
      if (active[index])
        pull.activity.add(reads[index]);
    }
    SmallVector<Operation *> again;
    llvm::DenseMap<Value, SmallVector<xf::StackReadOp>> readsOf; // of a stack outside
    for (Operation &op : body()->without_terminator()) {
      Operation *clone = p.clone(op, mapping);
      pull.activity.follow(clone);
      auto read = dyn_cast<xf::StackReadOp>(clone);
      if (read && llvm::any_of(outer, [&](const Outer &each) { return each.byLayer && each.value == read.getStack(); }))
        readsOf[read.getStack()].push_back(read);
      else
        again.push_back(clone);
    }
    Pullback inner(p, pull.activity, pull.replaced);
    Block::BlockArgListType arguments = back.getBlock()->getArguments().drop_front();
    auto argument = arguments.begin();
    for (auto [index, isActive] : llvm::enumerate(active)) {
      if (!isActive)
        continue;
      Value value = loop.getYield().getValues()[index];
      inner.add(mapping.lookupOrDefault(value), *argument++);
    }
    // What is added to what was there before is added in its place, by loops inside of this one, too.
    for (auto [each, sum] : llvm::zip_equal(outer, arguments.take_back(outer.size())))
      if (!each.byLayer)
        inner.set(each.value, sum);
    if (failed(inner.reverse(again)))
      return failure();
    Primitives &q = inner.p;
    for (auto [index, isActive] : llvm::enumerate(active)) {
      if (!isActive)
        continue;
      Value gradient = reads[index] ? inner.gradientOf(reads[index]) : Value();
      yielded.push_back(gradient ? as(q, gradient, loop.getInitValues()[index].getType())
                                 : zerosLike(q, loop.getInitValues()[index]));
    }
    for (const Outer &each : outer) {
      Value sum = *argument++;
      if (each.fresh) {
        xf::StackReadOp first = readsOf[each.value].front();
        Value gradient = sumOf(inner, readsOf[each.value]);
        sum = xf::StackWriteOp::create(q, gradient ? gradient : zerosLike(q, first.getResult()), sum, layer);
      } else if (each.byLayer) {
        for (xf::StackReadOp read : readsOf[each.value])
          if (Value gradient = inner.gradientOf(read.getResult())) {
            Value before = xf::StackReadOp::create(q, sum, read.getIndex());
            sum = xf::StackWriteOp::create(q, q.add(before, gradient), sum, read.getIndex());
          }
      } else {
        sum = inner.gradientOf(each.value);
      }
      yielded.push_back(sum);
    }
    return success();
  }

  static Value sumOf(Pullback &inner, ArrayRef<xf::StackReadOp> parts) {
    Value sum;
    for (xf::StackReadOp part : parts)
      if (Value gradient = inner.gradientOf(part.getResult()))
        sum = sum ? inner.p.add(sum, gradient) : gradient;
    return sum;
  }

  Pullback &pull;
  Primitives &p;
  xf::RepeatOp loop;
  int64_t count;
  SmallVector<bool> active; ///< of each value that is carried: whether it has a gradient
  SmallVector<bool> kept;   ///< and whether it is kept for each iteration
  SmallVector<Value> saved; ///< the stacks of those that are
  SmallVector<Value> gradients;
  SmallVector<Outer> outer;
};

} // namespace

LogicalResult reverseLoop(Pullback &pull, xf::RepeatOp loop) { return LoopReversal(pull, loop).run(); }

} // namespace ph::autodiff
