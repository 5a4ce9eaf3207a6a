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

// With t = tanh(x / 2), 1 - e^x = -2t / (1 - t), which loses nothing where x is near 0.
Value Primitives::logOfRest(Value x) {
  Value t = tanh(scaled(x, 0.5));
  return sub(log(scaled(t, -2)), log(sub(number(1), t)));
}

Value Primitives::sum(Value x) {
  auto axes = llvm::to_vector(llvm::seq<int64_t>(xf::shapeOf(x).size()));
  return axes.empty() ? x : xf::ReduceOp::create(*this, xf::ReduceKind::Sum, x, axes, /*keepdims=*/false).getResult();
}

Value Primitives::reduceLast(xf::ReduceKind kind, Value x, bool keepdims) {
  int64_t last = int64_t(xf::shapeOf(x).size()) - 1;
  return xf::ReduceOp::create(*this, kind, x, last, keepdims);
}

Value Primitives::placesInLast(Value x) {
  int64_t last = int64_t(xf::shapeOf(x).size()) - 1, size = xf::shapeOf(x).back();
  Value dynamic = ShapedType::isDynamic(size) ? xf::DimOp::create(*this, x, last).getResult() : Value();
  return xf::IotaOp::create(*this, RankedTensorType::get({size}, getI32Type()), dynamic);
}

Value Primitives::size(Value x) {
  int64_t known = 1;
  Value result;
  for (auto [axis, size] : llvm::enumerate(xf::shapeOf(x))) {
    if (!ShapedType::isDynamic(size)) {
      known *= size;
      continue;
    }
    Value dim = xf::ScalarOp::create(*this, RankedTensorType::get({}, getF32Type()), xf::DimOp::create(*this, x, axis));
    result = result ? mul(result, dim) : dim;
  }
  return result ? scaled(result, double(known)) : number(double(known));
}

} // namespace ph
