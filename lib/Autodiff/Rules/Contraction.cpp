// Sums along dimensions.
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {

static LogicalResult pullMatmul(Pullback &pull, xf::MatmulOp op) {
  Primitives &p = pull.p;
  Value a = op.getLhs(), b = op.getRhs(), g = pull.gradientOf(op.getResult());
  bool ta = op.getTransposeA(), tb = op.getTransposeB();
  auto product = [&](Value x, Value y, bool transposeX, bool transposeY) -> Value {
    return xf::MatmulOp::create(p, x, y, transposeY, transposeX);
  };
  if (pull.wants(a) && failed(pull.addSummed(op, a, ta ? product(b, g, tb, true) : product(g, b, false, !tb), 2)))
    return failure();
  if (pull.wants(b))
    return pull.addSummed(op, b, tb ? product(g, a, true, ta) : product(a, g, !ta, false), 2);
  return success();
}

/// The reduced tensor with its dimensions of 1.
static Value withReduced(Primitives &p, Value reduced, xf::ReduceOp op) {
  if (op.getKeepdims())
    return reduced;
  SmallVector<OpFoldResult> sizes = sizesOf(p, op.getInput());
  for (int64_t axis : op.getAxes())
    sizes[axis] = p.getI64IntegerAttr(1);
  return xf::ReshapeOp::create(p, reduced, sizes);
}

/// 1 / how many elements a mean is of.
static Value shareOf(Primitives &p, xf::ReduceOp op) {
  Value share = p.number(1);
  for (int64_t axis : op.getAxes()) {
    Value size = xf::DimOp::create(p, op.getInput(), axis);
    share = p.div(share, xf::ScalarOp::create(p, RankedTensorType::get({}, p.getF32Type()), size));
  }
  return share;
}

/// Where the largest or smallest are: 1 / their number there, 0 elsewhere.
static Value extremes(Primitives &p, xf::ReduceOp op) {
  Value found = p.compare(xf::CompareKind::Eq, op.getInput(), withReduced(p, op.getResult(), op));
  Value ones = p.asNumbers(found);
  return p.div(ones, sumAlong(p, ones, op.getAxes()));
}

static LogicalResult pullReduce(Pullback &pull, xf::ReduceOp op) {
  Primitives &p = pull.p;
  Value gradient = withReduced(p, pull.gradientOf(op.getResult()), op);
  if (op.getKind() == xf::ReduceKind::Mean)
    gradient = p.mul(gradient, shareOf(p, op));
  else if (op.getKind() != xf::ReduceKind::Sum)
    gradient = p.mul(extremes(p, op), gradient);
  pull.add(op.getInput(), broadcastLike(p, gradient, op.getInput()));
  return success();
}
static LogicalResult pushReduce(Pushforward &push, xf::ReduceOp op) {
  Primitives &p = push.p;
  if (op.getKind() == xf::ReduceKind::Sum || op.getKind() == xf::ReduceKind::Mean)
    return push.multilinear(op);
  Value chosen = p.mul(extremes(p, op), push.tangentOf(op.getInput()));
  push.add(op.getResult(),
           xf::ReduceOp::create(p, xf::ReduceKind::Sum, chosen, op.getAxes(), op.getKeepdims()).getResult());
  return success();
}

/// y (v - Σ y v), which is its own transpose.
static Value softmaxTimes(Primitives &p, xf::SoftmaxOp op, Value v) {
  Value y = op.getResult();
  return p.mul(y, p.sub(v, sumAlong(p, p.mul(y, v), int64_t(op.getAxis()))));
}
static LogicalResult pullSoftmax(Pullback &pull, xf::SoftmaxOp op) {
  pull.add(op.getInput(), softmaxTimes(pull.p, op, pull.gradientOf(op.getResult())));
  return success();
}
static LogicalResult pushSoftmax(Pushforward &push, xf::SoftmaxOp op) {
  push.add(op.getResult(), softmaxTimes(push.p, op, push.tangentOf(op.getInput())));
  return success();
}

void registerContractionRules(MLIRContext *context) {
  attachMultilinear<xf::MatmulOp, pullMatmul>(context);
  attach<xf::ReduceOp, pullReduce, pushReduce>(context);
  attach<xf::SoftmaxOp, pullSoftmax, pushSoftmax>(context);
}

} // namespace ph::autodiff
