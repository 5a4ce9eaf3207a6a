#include "dialects/Transformer/Primitives.h"
#include "dialects/Transformer/Broadcast.h"

using namespace mlir;

namespace ph {

Value Primitives::number(double value) {
  auto type = RankedTensorType::get({}, getF32Type());
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, float(value)));
}
Value Primitives::integer(int64_t value) {
  auto type = RankedTensorType::get({}, getI32Type());
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, int32_t(value)));
}

Value Primitives::binary(xf::BinaryKind kind, Value a, Value b) { return xf::ElementwiseOp::create(*this, kind, a, b); }
Value Primitives::unary(xf::UnaryKind kind, Value x) { return xf::UnaryOp::create(*this, kind, x); }

Value Primitives::compare(xf::CompareKind kind, Value a, Value b) { return xf::CompareOp::create(*this, kind, a, b); }
Value Primitives::select(Value condition, Value a, Value b) { return xf::SelectOp::create(*this, condition, a, b); }

Value Primitives::asNumbers(Value truth) {
  return xf::CastOp::create(*this, RankedTensorType::get(xf::shapeOf(truth), getF32Type()), truth);
}

Value Primitives::clamp(Value x, Value least, Value most) {
  Value below = compare(xf::CompareKind::Lt, x, least), above = compare(xf::CompareKind::Gt, x, most);
  return select(below, least, select(above, most, x));
}

Value Primitives::magnitude(Value x) { return select(compare(xf::CompareKind::Lt, x, number(0)), neg(x), x); }

Value Primitives::logSigmoid(Value x) {
  Value negative = compare(xf::CompareKind::Lt, x, number(0));
  Value power = exp(select(negative, x, neg(x)));
  return sub(select(negative, x, number(0)), log(add(power, number(1))));
}

Value Primitives::sum(Value x) {
  auto axes = llvm::to_vector(llvm::seq<int64_t>(xf::shapeOf(x).size()));
  return axes.empty() ? x : xf::ReduceOp::create(*this, xf::ReduceKind::Sum, x, axes, /*keepdims=*/false).getResult();
}

Value Primitives::sumLast(Value x) {
  int64_t last = int64_t(xf::shapeOf(x).size()) - 1;
  return xf::ReduceOp::create(*this, xf::ReduceKind::Sum, x, last, /*keepdims=*/false);
}

Value Primitives::size(Value x) { return count(compare(xf::CompareKind::Eq, x, x)); }

} // namespace ph
