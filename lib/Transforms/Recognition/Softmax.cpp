#include "lib/Transforms/Recognition/Softmax.h"
#include "lib/Transforms/Recognition/Values.h"

using namespace mlir;

namespace ph {

/// The only axis that `value`, made of `input`, is reduced along and keeps as 1; nothing if it isn't that.
static std::optional<int64_t> reducedAxis(Value value, Value input, xf::ReduceKind kind) {
  auto reduce = value.getDefiningOp<xf::ReduceOp>();
  if (!reduce || reduce.getKind() != kind || reduce.getInput() != input || !reduce.getKeepdims() ||
      reduce.getAxes().size() != 1)
    return std::nullopt;
  return reduce.getAxes().front();
}

Softmax matchSoftmax(Value value) {
  if (auto softmax = value.getDefiningOp<xf::SoftmaxOp>())
    return {softmax.getInput(), int64_t(softmax.getAxis())};
  auto quotient = matchBinary(value, xf::BinaryKind::Div);
  if (!quotient)
    return {};
  Value exponent = matchUnary(quotient->first, xf::UnaryKind::Exp);
  std::optional<int64_t> axis = reducedAxis(quotient->second, quotient->first, xf::ReduceKind::Sum);
  if (!exponent || !axis)
    return {};
  auto shifted = matchBinary(exponent, xf::BinaryKind::Sub);
  if (shifted && reducedAxis(shifted->second, shifted->first, xf::ReduceKind::Max) == axis)
    exponent = shifted->first;
  return {exponent, *axis};
}

} // namespace ph
