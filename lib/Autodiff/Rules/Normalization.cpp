// Norms, spelled as the statistics of a row and what is done with them.
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {
namespace {

/// A norm over slices of the last dimension.
class Norm {
public:
  template <class Op> Norm(Primitives &p, Op op, Value input) : p(p), input(input) {
    eps = op.getEps().convertToDouble();
    offset = op.getOffset() ? op.getOffset()->convertToDouble() : 0;
    heads = op.getHeads().value_or(1);
    weight = op.getWeight();
    x = heads == 1 ? input : sliced(input);
  }

  Value rms() { return finish(p.mul(x, scaleOf(x)), {}); }
  Value layer(Value bias) {
    Value centred = p.sub(x, mean(x));
    return finish(p.mul(centred, scaleOf(centred)), bias);
  }

private:
  /// [..., K] as [..., heads, K / heads].
  Value sliced(Value value) {
    SmallVector<OpFoldResult> sizes = sizesOf(p, value);
    int64_t features = xf::shapeOf(value).back();
    sizes.back() = p.getI64IntegerAttr(heads);
    sizes.push_back(p.getI64IntegerAttr(features / heads));
    return xf::ReshapeOp::create(p, value, sizes);
  }
  Value mean(Value value) {
    return xf::ReduceOp::create(p, xf::ReduceKind::Mean, value, int64_t(xf::shapeOf(value).size()) - 1);
  }
  /// 1 / √(mean of squares + eps).
  Value scaleOf(Value value) {
    return xf::UnaryOp::create(p, xf::UnaryKind::Rsqrt, p.add(mean(p.square(value)), p.number(eps)));
  }
  /// A weight of slices is the same for each; one of all features has a part for each.
  Value part(Value vector) {
    bool whole = heads != 1 && xf::shapeOf(vector).front() == xf::shapeOf(input).back();
    return whole ? sliced(vector) : vector;
  }
  Value finish(Value y, Value bias) {
    if (weight) {
      Value factor = part(weight);
      y = p.mul(y, offset == 0 ? factor : p.add(factor, p.number(offset)));
    }
    if (bias)
      y = p.add(y, part(bias));
    return heads == 1 ? y : reshapeLike(p, y, input);
  }

  Primitives &p;
  Value input, weight, x;
  double eps, offset;
  int64_t heads;
};

} // namespace

static SmallVector<Value> spellRms(Primitives &p, xf::RmsNormOp op) { return {Norm(p, op, op.getInput()).rms()}; }
static SmallVector<Value> spellLayer(Primitives &p, xf::LayerNormOp op) {
  return {Norm(p, op, op.getInput()).layer(op.getBias())};
}
static SmallVector<Value> spellAddRms(Primitives &p, xf::AddRmsNormOp op) {
  Value sum = xf::AddOp::create(p, op.getSum().getType(), op.getLhs(), op.getRhs());
  return {sum, Norm(p, op, sum).rms()};
}
static SmallVector<Value> spellAddLayer(Primitives &p, xf::AddLayerNormOp op) {
  Value sum = xf::AddOp::create(p, op.getSum().getType(), op.getLhs(), op.getRhs());
  return {sum, Norm(p, op, sum).layer(op.getBias())};
}

void registerNormalizationRules(MLIRContext *context) {
  attachSpelled<xf::RmsNormOp, spellRms>(context);
  attachSpelled<xf::LayerNormOp, spellLayer>(context);
  attachSpelled<xf::AddRmsNormOp, spellAddRms>(context);
  attachSpelled<xf::AddLayerNormOp, spellAddLayer>(context);
}

} // namespace ph::autodiff
