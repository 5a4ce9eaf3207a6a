// Loops over layers, calls, and what stands between the ops of xf.
#include "Lowering.h"

using namespace mlir;

namespace ph::conversion {

/// A loop whose body is lowered, from an old one with these initial values, body and results.
///
/// The dimensions of what it carries are taken to be the same in every iteration, which is checked when the body is
/// there; those that aren't seen to be are asked of the carried tensors in a second attempt.
static LogicalResult lowerLoop(Lowering &l, Value from, Value to, Value step, ValueRange oldInits, Block &oldBody,
                               ValueRange oldResults) {
  SmallVector<Value> inits = l.flatten(oldInits);
  auto isTensor = [](Value value) { return isa<RankedTensorType>(value.getType()); };
  SmallVector<bool> steady = llvm::map_to_vector(inits, isTensor);
  while (true) {
    auto loop = scf::ForOp::create(l.s, from, to, step, inits);
    for (auto [init, argument, keeps] : llvm::zip_equal(inits, loop.getRegionIterArgs(), steady))
      if (keeps)
        l.know(argument, l.sizesOf(init));
    OpBuilder::InsertionGuard guard(l.s);
    if (inits.empty())
      l.s.setInsertionPoint(loop.getBody()->getTerminator());
    else
      l.s.setInsertionPointToStart(loop.getBody());
    l.giveFlat(ValueRange(oldBody.getArgument(0)), ValueRange(loop.getInductionVar()));
    l.giveFlat(oldBody.getArguments().drop_front(), loop.getRegionIterArgs());
    for (Operation &inner : oldBody.without_terminator())
      if (failed(l.lowerOp(&inner)))
        return failure();
    SmallVector<Value> next = l.flatten(oldBody.getTerminator()->getOperands());
    bool all = true;
    for (auto [init, value, keeps] : llvm::zip_equal(inits, next, steady)) {
      bool same = !keeps || l.sizesOf(init) == l.sizesOf(value);
      keeps &= same;
      all &= same;
    }
    if (!all) {
      l.forgetIn(*loop.getBody());
      loop.erase();
      continue;
    }
    if (!inits.empty())
      scf::YieldOp::create(l.s, next);
    l.s.setInsertionPointAfter(loop);
    for (auto [init, result, keeps] : llvm::zip_equal(inits, loop.getResults(), steady))
      if (keeps)
        l.know(result, l.sizesOf(init));
    l.giveFlat(oldResults, loop.getResults());
    return success();
  }
}

static LogicalResult repeat(Lowering &l, xf::RepeatOp op) {
  return lowerLoop(l, l.s.index(0), l.s.index(op.getCount()), l.s.index(1), op.getInitValues(), *op.getBlock(),
                   op.getResults());
}

static LogicalResult loop(Lowering &l, scf::ForOp op) {
  return lowerLoop(l, l.of(op.getLowerBound()), l.of(op.getUpperBound()), l.of(op.getStep()), op.getInits(),
                   *op.getBody(), op.getResults());
}

static LogicalResult call(Lowering &l, func::CallOp op) {
  auto called = func::CallOp::create(l.s, op.getCallee(), l.convert(op.getResultTypes()), l.flatten(op.getOperands()));
  l.giveFlat(op.getResults(), called.getResults());
  return success();
}

static LogicalResult giveBack(Lowering &l, func::ReturnOp op) {
  func::ReturnOp::create(l.s, l.flatten(op.getOperands()));
  return success();
}

static LogicalResult loadWeight(Lowering &l, xf::LoadWeightOp op) { return l.copy(op); }

/// Sizes are known without the tensor.
static LogicalResult dim(Lowering &l, tensor::DimOp op) {
  std::optional<int64_t> axis = op.getConstantIndex();
  if (!axis || !isa<RankedTensorType>(op.getSource().getType()))
    return l.copy(op);
  l.give(op.getResult(), l.index(l.sizeOf(l.of(op.getSource()), *axis)));
  return success();
}

/// Nothing but a fill that isn't called one.
static LogicalResult splat(Lowering &l, tensor::SplatOp op) {
  Sizes sizes;
  OperandRange dynamic = op.getDynamicSizes();
  for (int64_t size : op.getType().getShape()) {
    bool isDynamic = ShapedType::isDynamic(size);
    sizes.push_back(isDynamic ? OpFoldResult(l.of(dynamic.front())) : l.attribute(size));
    dynamic = dynamic.drop_front(isDynamic);
  }
  l.give(op.getResult(), l.filled(sizes, l.of(op.getInput())));
  return success();
}

/// A slice of what is only a view is cut from what is behind it.
static LogicalResult extractSlice(Lowering &l, tensor::ExtractSliceOp op) {
  auto view = l.views.find(op.getSource());
  if (view == l.views.end())
    return l.copy(op);
  auto mapped = [&](ArrayRef<OpFoldResult> entries) {
    return llvm::map_to_vector(entries, [&](OpFoldResult entry) {
      auto value = dyn_cast<Value>(entry);
      return value ? OpFoldResult(l.of(value)) : entry;
    });
  };
  Value slice = view->second({mapped(op.getMixedOffsets()), mapped(op.getMixedSizes()), {}});
  l.give(op.getResult(), slice);
  return success();
}

template <class Op> static LogicalResult refuseWhole(Lowering &, Op op) {
  return op.emitOpError() << "expects attention to be tiles already: run xf-flash-attention";
}

void addControlFlow(Handlers &handlers) {
  handlers.add<xf::AttentionOp, refuseWhole<xf::AttentionOp>>();
  handlers.add<xf::AttentionBackwardOp, refuseWhole<xf::AttentionBackwardOp>>();
  handlers.add<xf::RepeatOp, repeat>();
  handlers.add<scf::ForOp, loop>();
  handlers.add<xf::LoadWeightOp, loadWeight>();
  handlers.add<func::CallOp, call>();
  handlers.add<func::ReturnOp, giveBack>();
  handlers.add<tensor::DimOp, dim>();
  handlers.add<tensor::ExtractSliceOp, extractSlice>();
  handlers.add<tensor::SplatOp, splat>();
}

} // namespace ph::conversion
