// What only moves elements: its transpose moves them back.
#include "lib/Autodiff/Rules/Rules.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ph::autodiff {

static LogicalResult pullTranspose(Pullback &pull, xf::TransposeOp op) {
  SmallVector<int64_t> inverse(op.getPermutation().size());
  for (auto [to, from] : llvm::enumerate(op.getPermutation()))
    inverse[from] = to;
  pull.add(op.getInput(), xf::TransposeOp::create(pull.p, pull.gradientOf(op.getResult()), inverse));
  return success();
}

static LogicalResult pullReshape(Pullback &pull, xf::ReshapeOp op) {
  pull.add(op.getInput(), reshapeLike(pull.p, pull.gradientOf(op.getResult()), op.getInput()));
  return success();
}

static LogicalResult pullBroadcast(Pullback &pull, xf::BroadcastOp op) {
  return pull.addSummed(op, op.getInput(), pull.gradientOf(op.getResult()));
}

/// Rules make them where types know less or more of sizes.
static LogicalResult pullCast(Pullback &pull, tensor::CastOp op) {
  pull.add(op.getSource(), pull.gradientOf(op.getResult()));
  return success();
}

/// Elements `from` to `to` along `axis`; either may be an index value.
static Value part(Primitives &p, Value value, int64_t axis, OpFoldResult from, OpFoldResult to, Value like) {
  return as(p, xf::SliceOp::create(p, value, axis, from, to), like.getType());
}

static OpFoldResult sizeAlong(Primitives &p, Value value, int64_t axis) { return sizesOf(p, value)[axis]; }

static OpFoldResult sum(Primitives &p, OpFoldResult a, OpFoldResult b) {
  std::optional<int64_t> x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return p.getI64IntegerAttr(*x + *y);
  auto value = [&](OpFoldResult each) -> Value {
    if (auto constant = getConstantIntValue(each))
      return arith::ConstantIndexOp::create(p, *constant);
    return cast<Value>(each);
  };
  return arith::AddIOp::create(p, value(a), value(b)).getResult();
}

static LogicalResult pullConcat(Pullback &pull, xf::ConcatOp op) {
  Primitives &p = pull.p;
  OpFoldResult from = p.getI64IntegerAttr(0);
  for (Value input : op.getInputs()) {
    OpFoldResult to = sum(p, from, sizeAlong(p, input, op.getAxis()));
    if (pull.wants(input))
      pull.add(input, part(p, pull.gradientOf(op.getResult()), op.getAxis(), from, to, input));
    from = to;
  }
  return success();
}
static LogicalResult pushConcat(Pushforward &push, xf::ConcatOp op) {
  SmallVector<Value> tangents;
  for (Value input : op.getInputs()) {
    Value tangent = push.tangentOf(input);
    tangents.push_back(tangent ? tangent : zerosLike(push.p, input));
  }
  push.add(op.getResult(), xf::ConcatOp::create(push.p, tangents, op.getAxis()));
  return success();
}

/// Zeros of the shape of `like`, but `size` along `axis`.
static Value zerosAlong(Primitives &p, Value like, int64_t axis, OpFoldResult size) {
  SmallVector<OpFoldResult> sizes = sizesOf(p, like);
  sizes[axis] = size;
  return xf::BroadcastOp::create(p, p.number(0), sizes);
}

static LogicalResult pullSlice(Pullback &pull, xf::SliceOp op) {
  Primitives &p = pull.p;
  if (op.getStep() != 1)
    return op.emitOpError() << "has a step of " << op.getStep() << ": only slices of neighbours have a derivative";
  // Bounds count from the end where they are negative and may lie beyond it: numbers that are known say where.
  int64_t axis = op.getAxis(), from = op.getStaticBounds()[0], whole = xf::shapeOf(op.getInput())[axis];
  if (ShapedType::isDynamic(from) || (from < 0 && ShapedType::isDynamic(whole)))
    return op.emitOpError() << "begins at a place that is not known: only other slices have a derivative";
  if (from < 0)
    from = std::max<int64_t>(from + whole, 0);
  Value gradient = pull.gradientOf(op.getResult());
  SmallVector<Value> parts;
  if (from > 0)
    parts.push_back(zerosAlong(p, op.getInput(), axis, p.getI64IntegerAttr(from)));
  parts.push_back(gradient);
  int64_t size = xf::shapeOf(gradient)[axis];
  if (ShapedType::isDynamic(whole) || ShapedType::isDynamic(size)) {
    auto index = [&](OpFoldResult each) -> Value {
      auto constant = getConstantIntValue(each);
      return constant ? arith::ConstantIndexOp::create(p, *constant).getResult() : cast<Value>(each);
    };
    Value end = index(sum(p, p.getI64IntegerAttr(from), sizeAlong(p, gradient, axis)));
    Value rest = arith::SubIOp::create(p, index(sizeAlong(p, op.getInput(), axis)), end);
    parts.push_back(zerosAlong(p, op.getInput(), axis, rest));
  } else if (from + size < whole) {
    parts.push_back(zerosAlong(p, op.getInput(), axis, p.getI64IntegerAttr(whole - from - size)));
  }
  pull.add(op.getInput(), xf::ConcatOp::create(p, parts, axis));
  return success();
}

/// The gradients of results, zeros where there is none.
static SmallVector<Value> gradientsOf(Pullback &pull, ValueRange results) {
  return llvm::map_to_vector(results, [&](Value result) {
    Value gradient = pull.gradientOf(result);
    return gradient ? gradient : zerosLike(pull.p, result);
  });
}

static LogicalResult pullSplit(Pullback &pull, xf::SplitOp op) {
  int64_t last = int64_t(xf::shapeOf(op.getInput()).size()) - 1;
  pull.add(op.getInput(), xf::ConcatOp::create(pull.p, gradientsOf(pull, op.getParts()), last));
  return success();
}

static LogicalResult pullSplitHeads(Pullback &pull, xf::SplitHeadsOp op) {
  pull.add(op.getInput(), xf::JoinHeadsOp::create(pull.p, op.getInput().getType(), gradientsOf(pull, op.getParts()),
                                                  op.getHeads(), ArrayRef<int64_t>{}));
  return success();
}

static LogicalResult pullJoinHeads(Pullback &pull, xf::JoinHeadsOp op) {
  Primitives &p = pull.p;
  int64_t heads = op.getHeads();
  SmallVector<int64_t> widths;
  for (unsigned i = 0; i < op.getParts().size(); ++i)
    widths.push_back(op.getWidth(i));
  auto split = xf::SplitHeadsOp::create(p, pull.gradientOf(op.getResult()), heads, widths);
  for (auto [index, input] : llvm::enumerate(op.getParts())) {
    Value gradient = split.getParts()[index];
    if (op.isShared(index)) {
      SmallVector<OpFoldResult> sizes = sizesOf(p, gradient);
      int64_t axis = int64_t(sizes.size()) - 1;
      sizes.back() = p.getI64IntegerAttr(heads);
      sizes.push_back(p.getI64IntegerAttr(widths[index]));
      gradient = xf::ReduceOp::create(p, xf::ReduceKind::Sum, xf::ReshapeOp::create(p, gradient, sizes), axis,
                                      /*keepdims=*/false);
    }
    pull.add(input, gradient);
  }
  return success();
}
static LogicalResult pushJoinHeads(Pushforward &push, xf::JoinHeadsOp op) {
  Operation *twin = push.p.clone(*op);
  for (OpOperand &operand : twin->getOpOperands()) {
    Value tangent = push.tangentOf(operand.get());
    operand.set(tangent ? tangent : zerosLike(push.p, operand.get()));
  }
  // The zeros were made after it.
  twin->moveAfter(&*std::prev(push.p.getInsertionPoint()));
  push.add(op.getResult(), twin->getResult(0));
  return success();
}

void registerShapeRules(MLIRContext *context) {
  attachMultilinear<xf::TransposeOp, pullTranspose>(context);
  attachMultilinear<xf::ReshapeOp, pullReshape>(context);
  attachMultilinear<xf::BroadcastOp, pullBroadcast>(context);
  attach<xf::ConcatOp, pullConcat, pushConcat>(context);
  attachMultilinear<xf::SliceOp, pullSlice>(context);
  attachMultilinear<xf::SplitOp, pullSplit>(context);
  attachMultilinear<xf::SplitHeadsOp, pullSplitHeads>(context);
  attach<xf::JoinHeadsOp, pullJoinHeads, pushJoinHeads>(context);
}

void registerTensorRules(MLIRContext *context) { attachMultilinear<tensor::CastOp, pullCast>(context); }

} // namespace ph::autodiff
