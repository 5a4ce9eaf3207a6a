#include "ScalarBuilder.h"
#include <cmath>
#include <numbers>

using namespace mlir;

namespace ph::conversion {

static bool isFloat(Value x) { return isa<FloatType>(x.getType()); }

Value ScalarBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }
Value ScalarBuilder::i32(int64_t value) { return number(getI32Type(), double(value)); }
Value ScalarBuilder::f32(double value) { return number(getF32Type(), value); }
Value ScalarBuilder::f64(double value) { return number(getF64Type(), value); }

Value ScalarBuilder::number(Type type, double value) {
  if (auto floats = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(*this, getFloatAttr(floats, value));
  return arith::ConstantOp::create(*this, getIntegerAttr(type, int64_t(value)));
}

Value ScalarBuilder::add(Value x, Value y) {
  return isFloat(x) ? arith::AddFOp::create(*this, x, y).getResult() : arith::AddIOp::create(*this, x, y);
}
Value ScalarBuilder::sub(Value x, Value y) {
  return isFloat(x) ? arith::SubFOp::create(*this, x, y).getResult() : arith::SubIOp::create(*this, x, y);
}
Value ScalarBuilder::mul(Value x, Value y) {
  return isFloat(x) ? arith::MulFOp::create(*this, x, y).getResult() : arith::MulIOp::create(*this, x, y);
}
Value ScalarBuilder::div(Value x, Value y) {
  return isFloat(x) ? arith::DivFOp::create(*this, x, y).getResult() : arith::DivSIOp::create(*this, x, y);
}
Value ScalarBuilder::rem(Value x, Value y) { return arith::RemSIOp::create(*this, x, y); }
Value ScalarBuilder::max(Value x, Value y) {
  return isFloat(x) ? arith::MaximumFOp::create(*this, x, y).getResult() : arith::MaxSIOp::create(*this, x, y);
}
Value ScalarBuilder::min(Value x, Value y) {
  return isFloat(x) ? arith::MinimumFOp::create(*this, x, y).getResult() : arith::MinSIOp::create(*this, x, y);
}
Value ScalarBuilder::maxNumber(Value x, Value y) { return arith::MaxNumFOp::create(*this, x, y); }
Value ScalarBuilder::exp(Value x) { return math::ExpOp::create(*this, x); }
Value ScalarBuilder::tanh(Value x) { return math::TanhOp::create(*this, x); }

Value ScalarBuilder::sigmoid(Value x) {
  Value one = f32(1), negative = arith::NegFOp::create(*this, x);
  return div(one, add(one, exp(negative)));
}

Value ScalarBuilder::compare(xf::CompareKind kind, Value x, Value y) {
  using Floats = arith::CmpFPredicate;
  using Integers = arith::CmpIPredicate;
  auto build = [&](Floats floats, Integers integers) -> Value {
    return isFloat(x) ? arith::CmpFOp::create(*this, floats, x, y).getResult()
                      : arith::CmpIOp::create(*this, integers, x, y);
  };
  switch (kind) {
  case xf::CompareKind::Eq:
    return build(Floats::OEQ, Integers::eq);
  case xf::CompareKind::Ne:
    return build(Floats::UNE, Integers::ne);
  case xf::CompareKind::Lt:
    return build(Floats::OLT, Integers::slt);
  case xf::CompareKind::Le:
    return build(Floats::OLE, Integers::sle);
  case xf::CompareKind::Gt:
    return build(Floats::OGT, Integers::sgt);
  case xf::CompareKind::Ge:
    return build(Floats::OGE, Integers::sge);
  }
  llvm_unreachable("a relation without a predicate");
}

Value ScalarBuilder::both(Value x, Value y) { return arith::AndIOp::create(*this, x, y); }
Value ScalarBuilder::either(Value x, Value y) { return arith::OrIOp::create(*this, x, y); }
Value ScalarBuilder::inverse(Value condition) {
  return arith::XOrIOp::create(*this, condition, arith::ConstantOp::create(*this, getBoolAttr(true)));
}
Value ScalarBuilder::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(*this, condition, x, y);
}

Value ScalarBuilder::isFinite(Value x) {
  return compare(xf::CompareKind::Lt, math::AbsFOp::create(*this, x), number(x.getType(), INFINITY));
}

Value ScalarBuilder::activate(xf::Activation activation, Value x) {
  Value half = f32(0.5), one = f32(1);
  switch (activation) {
  case xf::Activation::Silu:
    return div(x, add(one, exp(arith::NegFOp::create(*this, x))));
  case xf::Activation::Gelu:
    return mul(mul(x, half), add(one, math::ErfOp::create(*this, mul(x, f32(std::numbers::sqrt2 / 2)))));
  case xf::Activation::GeluTanh: {
    Value cube = mul(mul(x, x), mul(x, f32(0.044715)));
    return mul(mul(x, half), add(one, tanh(mul(f32(std::sqrt(2 * std::numbers::inv_pi)), add(x, cube)))));
  }
  case xf::Activation::Relu:
    return maxNumber(x, f32(0));
  case xf::Activation::QuickGelu:
    return div(x, add(one, exp(mul(f32(-1.702), x))));
  case xf::Activation::Relu2: {
    Value positive = maxNumber(x, f32(0));
    return mul(positive, positive);
  }
  case xf::Activation::Tanh:
    return tanh(x);
  case xf::Activation::Sigmoid:
    return sigmoid(x);
  }
  llvm_unreachable("an activation without a lowering");
}

Value ScalarBuilder::capped(Value x, double cap) { return mul(f32(cap), tanh(div(x, f32(cap)))); }

Value ScalarBuilder::convert(Value x, Type type) {
  Type from = x.getType();
  if (from == type)
    return x;
  if (isa<IndexType>(from) || isa<IndexType>(type)) {
    if (isa<FloatType>(type)) // an index has no conversion of its own
      return arith::SIToFPOp::create(*this, type, convert(x, getI64Type()));
    return arith::IndexCastOp::create(*this, type, x);
  }
  if (isa<FloatType>(from) && isa<FloatType>(type))
    return from.getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth()
               ? arith::ExtFOp::create(*this, type, x).getResult()
               : arith::TruncFOp::create(*this, type, x);
  if (type.isInteger(1))
    return compare(xf::CompareKind::Ne, x, number(from, 0));
  if (from.isInteger(1))
    return isa<FloatType>(type) ? arith::UIToFPOp::create(*this, type, x).getResult()
                                : arith::ExtUIOp::create(*this, type, x);
  if (isa<FloatType>(type))
    return arith::SIToFPOp::create(*this, type, x);
  if (isa<FloatType>(from))
    return arith::FPToSIOp::create(*this, type, x);
  return from.getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth()
             ? arith::ExtSIOp::create(*this, type, x).getResult()
             : arith::TruncIOp::create(*this, type, x);
}

Value ScalarBuilder::loop(unsigned dimension) { return linalg::IndexOp::create(*this, dimension); }
Value ScalarBuilder::at(Value tensor, ValueRange indices) { return tensor::ExtractOp::create(*this, tensor, indices); }

} // namespace ph::conversion
