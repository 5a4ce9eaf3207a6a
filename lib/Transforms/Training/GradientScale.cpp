#include "lib/Transforms/Training/Expansions.h"

using namespace mlir;

namespace ph {

static SmallVector<Value> clipFactor(Primitives &p, train::ClipFactorOp op) {
  Value one = p.number(1);
  Value factor = p.div(p.number(op.getMaxNorm().convertToDouble()), p.add(op.getNorm(), p.number(1e-6)));
  // A norm that is NaN stays visible.
  return {p.select(p.compare(xf::CompareKind::Ge, factor, one), one, factor)};
}

static SmallVector<Value> lossScale(Primitives &p, train::LossScaleOp op) {
  Value scale = op.getLossScale(), finite = op.getFinite(), none = p.integer(0);
  Value steps = p.add(op.getSteps(), p.integer(1));
  Value grows = p.compare(xf::CompareKind::Ge, steps, p.integer(int64_t(op.getInterval())));
  Value larger = p.select(grows, p.scaled(scale, op.getGrowth().convertToDouble()), scale);
  return {p.select(finite, larger, p.scaled(scale, op.getBackoff().convertToDouble())),
          p.select(finite, p.select(grows, none, steps), none)};
}

void addGradientScaleExpansions(Expansions &expansions) {
  expansions.add<train::ClipFactorOp, clipFactor>();
  expansions.add<train::LossScaleOp, lossScale>();
}

} // namespace ph
