// Products with weight matrices.
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {

/// Σ over all rows of the outer products of `left`, [..., N], and `right`, [..., K]: [N, K].
static Value outerProducts(Primitives &p, Value left, Value right) {
  return xf::MatmulOp::create(p, asRows(p, left), asRows(p, right), /*transposeB=*/false, /*transposeA=*/true);
}

/// Without bias, activation and residual: y = x Wᵀ.
static bool isPlain(xf::LinearOp op) { return !op.getBias() && !op.getActivation() && !op.getResidual(); }

static SmallVector<Value> spellLinear(Primitives &p, xf::LinearOp op) {
  Value y = xf::LinearOp::create(p, op.getInput(), op.getWeight());
  if (op.getBias())
    y = p.add(y, op.getBias());
  if (auto activation = op.getActivationAttr())
    y = xf::ActivationOp::create(p, y.getType(), y, activation);
  if (op.getResidual())
    y = xf::AddOp::create(p, y.getType(), y, op.getResidual());
  return {y};
}

static LogicalResult pullLinear(Pullback &pull, xf::LinearOp op) {
  if (!isPlain(op))
    return pullSpelled<xf::LinearOp, spellLinear>(pull, op);
  Value gradient = pull.gradientOf(op.getResult());
  if (pull.wants(op.getInput()))
    pull.add(op.getInput(), xf::LinearBackwardOp::create(pull.p, gradient, op.getWeight()));
  if (pull.wants(op.getWeight()))
    pull.add(op.getWeight(), outerProducts(pull.p, gradient, op.getInput()));
  return success();
}
static LogicalResult pushLinear(Pushforward &push, xf::LinearOp op) {
  return isPlain(op) ? push.multilinear(op) : pushSpelled<xf::LinearOp, spellLinear>(push, op);
}

static LogicalResult pullLinearBackward(Pullback &pull, xf::LinearBackwardOp op) {
  Value gradient = pull.gradientOf(op.getResult());
  if (pull.wants(op.getGradient()))
    pull.add(op.getGradient(), xf::LinearOp::create(pull.p, gradient, op.getWeight()));
  if (pull.wants(op.getWeight()))
    pull.add(op.getWeight(), outerProducts(pull.p, op.getGradient(), gradient));
  return success();
}

static SmallVector<Value> spellGated(Primitives &p, xf::GatedLinearOp op) {
  Value gate = xf::LinearOp::create(p, op.getInput(), op.getGate(), op.getGateBias());
  Value up = xf::LinearOp::create(p, op.getInput(), op.getUp(), op.getUpBias());
  return {xf::GatedActivationOp::create(p, gate.getType(), gate, up, op.getActivationAttr(), FloatAttr(), FloatAttr())};
}

static SmallVector<Value> spellLogits(Primitives &p, xf::LogitsOp op) {
  Value z = xf::LinearOp::create(p, op.getInput(), op.getWeight());
  if (auto scale = op.getScale())
    z = p.scaled(z, scale->convertToDouble());
  if (auto cap = op.getSoftCap()) {
    double c = cap->convertToDouble();
    z = p.scaled(xf::UnaryOp::create(p, xf::UnaryKind::Tanh, p.scaled(z, 1 / c)), c);
  }
  return {z};
}

/// [..., heads · size] as [heads, rows, size].
static Value headsFirst(Primitives &p, Value value, int64_t heads, int64_t size) {
  SmallVector<OpFoldResult> shape = {p.getI64IntegerAttr(-1), p.getI64IntegerAttr(heads), p.getI64IntegerAttr(size)};
  return xf::TransposeOp::create(p, xf::ReshapeOp::create(p, value, shape), ArrayRef<int64_t>{1, 0, 2});
}

static LogicalResult pullHeadLinear(Pullback &pull, xf::HeadLinearOp op) {
  Primitives &p = pull.p;
  Value gradient = pull.gradientOf(op.getResult());
  ArrayRef<int64_t> shape = op.getWeight().getType().getShape();
  if (pull.wants(op.getInput()))
    pull.add(op.getInput(),
             xf::HeadLinearOp::create(p, op.getInput().getType(), gradient, op.getWeight(), !op.getTransposed()));
  if (pull.wants(op.getWeight())) {
    bool turned = op.getTransposed();
    Value rows = headsFirst(p, turned ? Value(op.getInput()) : gradient, shape[0], shape[1]);
    Value columns = headsFirst(p, turned ? gradient : Value(op.getInput()), shape[0], shape[2]);
    pull.add(op.getWeight(), xf::MatmulOp::create(p, rows, columns, /*transposeB=*/false, /*transposeA=*/true));
  }
  return success();
}

void registerLinearRules(MLIRContext *context) {
  attach<xf::LinearOp, pullLinear, pushLinear>(context);
  attachMultilinear<xf::LinearBackwardOp, pullLinearBackward>(context);
  attachSpelled<xf::GatedLinearOp, spellGated>(context);
  attachSpelled<xf::LogitsOp, spellLogits>(context);
  attachMultilinear<xf::HeadLinearOp, pullHeadLinear>(context);
}

} // namespace ph::autodiff
