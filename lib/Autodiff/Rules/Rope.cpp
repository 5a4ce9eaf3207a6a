// Rotations. Their transpose turns back: it is the rotation between two changes of sign of each pair's second element.
#include "lib/Autodiff/Rules/Rope.h"

using namespace mlir;

namespace ph::autodiff {

/// -1 for the second element of each rotated pair of each head, 1 for all others.
static Value signs(Primitives &p, int64_t heads, int64_t features, xf::RopeAttr rope) {
  std::vector<float> values(features, 1.0f);
  for (int64_t head = 0; head < heads; ++head)
    for (int64_t pair = 0; pair < rope.getDim() / 2; ++pair)
      values[head * (features / heads) + rope.getPair(pair).second] = -1.0f;
  auto type = RankedTensorType::get({features}, p.getF32Type());
  return arith::ConstantOp::create(p, DenseElementsAttr::get(type, ArrayRef(values)));
}

Value rotate(Primitives &p, Value value, Value positions, int64_t heads, xf::RopeAttr rope) {
  return xf::RopeOp::create(p, value.getType(), value, positions, heads, rope);
}

Value rotateBack(Primitives &p, Value value, Value positions, int64_t heads, xf::RopeAttr rope) {
  Value sign = signs(p, heads, xf::shapeOf(value).back(), rope);
  Value turned = rotate(p, as(p, p.mul(value, sign), value.getType()), positions, heads, rope);
  return as(p, p.mul(turned, sign), value.getType());
}

static LogicalResult pullRope(Pullback &pull, xf::RopeOp op) {
  pull.add(op.getInput(),
           rotateBack(pull.p, pull.gradientOf(op.getResult()), op.getPositions(), op.getHeads(), op.getRope()));
  return success();
}

void registerRopeRules(MLIRContext *context) { attachMultilinear<xf::RopeOp, pullRope>(context); }

} // namespace ph::autodiff
