// Loops that are reversed wrongly.
#include "test/Autodiff/Planted/Bug.h"

using namespace mlir;

namespace ph::planted {

/// The loop that goes back: the last one. Null in forward mode, where none counts down.
static xf::RepeatOp backwards(func::FuncOp function) {
  xf::RepeatOp found;
  function.walk([&](xf::RepeatOp loop) {
    if (!loop.getBody().getOps<arith::SubIOp>().empty())
      found = loop;
  });
  return found;
}

/// Layers are taken from the first to the last.
static bool notReversed(func::FuncOp function) {
  xf::RepeatOp loop = backwards(function);
  if (!loop)
    return false;
  for (auto index : llvm::make_early_inc_range(loop.getBody().getOps<arith::SubIOp>()))
    index.getResult().replaceAllUsesWith(loop.getLayer());
  return true;
}

/// What was kept is read where the iteration before kept it.
static bool otherIteration(func::FuncOp function) {
  xf::RepeatOp loop = backwards(function);
  if (!loop)
    return false;
  for (auto read : loop.getBody().getOps<xf::StackReadOp>())
    if (isa_and_nonnull<xf::RepeatOp>(read.getStack().getDefiningOp())) {
      read.getIndexMutable().assign(loop.getLayer());
      return true;
    }
  return false;
}

/// A gradient of what all layers share is that of the last one alone.
static bool notSummed(func::FuncOp function) {
  xf::RepeatOp loop = backwards(function);
  if (!loop)
    return false;
  auto yield = loop.getYield();
  auto add = yield.getValues().back().getDefiningOp<xf::ElementwiseOp>();
  if (!add || add.getKind() != xf::BinaryKind::Add || !isa<BlockArgument>(add.getLhs()))
    return false;
  yield->setOperand(yield->getNumOperands() - 1, add.getRhs());
  return true;
}

/// Every layer's gradient is written over that of the first.
static bool oneLayer(func::FuncOp function) {
  xf::RepeatOp loop = backwards(function);
  if (!loop)
    return false;
  OpBuilder builder(loop);
  Value first = arith::ConstantIndexOp::create(builder, loop.getLoc(), 0);
  bool changed = false;
  for (auto write : loop.getBody().getOps<xf::StackWriteOp>()) {
    write.getIndexMutable().assign(first);
    changed = true;
  }
  return changed;
}

/// The gradient of what is carried starts anew in each iteration: that of the result.
static bool carriedLost(func::FuncOp function) {
  xf::RepeatOp loop = backwards(function);
  if (!loop)
    return false;
  loop.getYield()->setOperand(0, loop.getBlock()->getArgument(1));
  return true;
}

/// Forward mode does not carry tangents on.
static bool tangentLost(func::FuncOp function) {
  xf::RepeatOp found;
  function.walk([&](xf::RepeatOp loop) {
    if (function.getSymName().ends_with("tangent"))
      found = loop;
  });
  if (!found)
    return false;
  auto yield = found.getYield();
  yield->setOperand(yield->getNumOperands() - 1, found.getBlock()->getArguments().back());
  return true;
}

llvm::ArrayRef<Bug> loopBugs() {
  static constexpr Bug bugs[] = {
      {"loop-not-reversed", "loop", nullptr, notReversed}, {"loop-other-iteration", "loop", nullptr, otherIteration},
      {"loop-not-summed", "shared", nullptr, notSummed},   {"loop-one-layer", "loop", nullptr, oneLayer},
      {"loop-carried-lost", "loop", nullptr, carriedLost}, {"loop-tangent-lost", "loop", nullptr, tangentLost},
  };
  return bugs;
}

} // namespace ph::planted
