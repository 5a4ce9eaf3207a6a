#include "lib/Reference/ScalarMath.h"
#include "runtime/quant/Format.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

double ScalarOp::operator()(const double *operands) const {
  double x = function(operands, detail);
  switch (rounding) {
  case Rounding::None:
    return x;
  case Rounding::F32:
    return double(float(x));
  case Rounding::F16:
    return double(halfToFloat(floatToHalf(float(x))));
  case Rounding::Integer:
    return width == 1 ? double(int64_t(x) & 1) : double(llvm::SignExtend64(uint64_t(int64_t(x)), width));
  }
  llvm_unreachable("a rounding without semantics");
}

namespace {

using Function = double (*)(const double *, int64_t);

int64_t whole(double x) { return int64_t(x); }

bool compareFloats(double a, double b, arith::CmpFPredicate predicate) {
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case arith::CmpFPredicate::AlwaysFalse:
    return false;
  case arith::CmpFPredicate::AlwaysTrue:
    return true;
  case arith::CmpFPredicate::OEQ:
    return !unordered && a == b;
  case arith::CmpFPredicate::OGT:
    return a > b;
  case arith::CmpFPredicate::OGE:
    return a >= b;
  case arith::CmpFPredicate::OLT:
    return a < b;
  case arith::CmpFPredicate::OLE:
    return a <= b;
  case arith::CmpFPredicate::ONE:
    return !unordered && a != b;
  case arith::CmpFPredicate::ORD:
    return !unordered;
  case arith::CmpFPredicate::UEQ:
    return unordered || a == b;
  case arith::CmpFPredicate::UGT:
    return unordered || a > b;
  case arith::CmpFPredicate::UGE:
    return unordered || a >= b;
  case arith::CmpFPredicate::ULT:
    return unordered || a < b;
  case arith::CmpFPredicate::ULE:
    return unordered || a <= b;
  case arith::CmpFPredicate::UNE:
    return unordered || a != b;
  case arith::CmpFPredicate::UNO:
    return unordered;
  }
  llvm_unreachable("a predicate without semantics");
}

bool compareIntegers(int64_t a, int64_t b, arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return a == b;
  case arith::CmpIPredicate::ne:
    return a != b;
  case arith::CmpIPredicate::slt:
    return a < b;
  case arith::CmpIPredicate::sle:
    return a <= b;
  case arith::CmpIPredicate::sgt:
    return a > b;
  case arith::CmpIPredicate::sge:
    return a >= b;
  case arith::CmpIPredicate::ult:
    return uint64_t(a) < uint64_t(b);
  case arith::CmpIPredicate::ule:
    return uint64_t(a) <= uint64_t(b);
  case arith::CmpIPredicate::ugt:
    return uint64_t(a) > uint64_t(b);
  case arith::CmpIPredicate::uge:
    return uint64_t(a) >= uint64_t(b);
  }
  llvm_unreachable("a predicate without semantics");
}

/// NaN if one is, unlike fmax.
double maximum(double a, double b) { return std::isnan(a) || std::isnan(b) ? NAN : std::fmax(a, b); }
double minimum(double a, double b) { return std::isnan(a) || std::isnan(b) ? NAN : std::fmin(a, b); }

Function findFloat(Operation *op) {
  return TypeSwitch<Operation *, Function>(op)
      .Case([](arith::AddFOp) { return [](const double *x, int64_t) { return x[0] + x[1]; }; })
      .Case([](arith::SubFOp) { return [](const double *x, int64_t) { return x[0] - x[1]; }; })
      .Case([](arith::MulFOp) { return [](const double *x, int64_t) { return x[0] * x[1]; }; })
      .Case([](arith::DivFOp) { return [](const double *x, int64_t) { return x[0] / x[1]; }; })
      .Case([](arith::NegFOp) { return [](const double *x, int64_t) { return -x[0]; }; })
      .Case([](arith::MaximumFOp) { return [](const double *x, int64_t) { return maximum(x[0], x[1]); }; })
      .Case([](arith::MinimumFOp) { return [](const double *x, int64_t) { return minimum(x[0], x[1]); }; })
      .Case([](arith::MaxNumFOp) { return [](const double *x, int64_t) { return std::fmax(x[0], x[1]); }; })
      .Case([](arith::MinNumFOp) { return [](const double *x, int64_t) { return std::fmin(x[0], x[1]); }; })
      .Case([](arith::CmpFOp) {
        return [](const double *x, int64_t predicate) {
          return double(compareFloats(x[0], x[1], arith::CmpFPredicate(predicate)));
        };
      })
      .Case([](math::ExpOp) { return [](const double *x, int64_t) { return std::exp(x[0]); }; })
      .Case([](math::ExpM1Op) { return [](const double *x, int64_t) { return std::expm1(x[0]); }; })
      .Case([](math::Log1pOp) { return [](const double *x, int64_t) { return std::log1p(x[0]); }; })
      .Case([](math::LogOp) { return [](const double *x, int64_t) { return std::log(x[0]); }; })
      .Case([](math::TanhOp) { return [](const double *x, int64_t) { return std::tanh(x[0]); }; })
      .Case([](math::ErfOp) { return [](const double *x, int64_t) { return std::erf(x[0]); }; })
      .Case([](math::SqrtOp) { return [](const double *x, int64_t) { return std::sqrt(x[0]); }; })
      .Case([](math::RsqrtOp) { return [](const double *x, int64_t) { return 1 / std::sqrt(x[0]); }; })
      .Case([](math::SinOp) { return [](const double *x, int64_t) { return std::sin(x[0]); }; })
      .Case([](math::CosOp) { return [](const double *x, int64_t) { return std::cos(x[0]); }; })
      .Case([](math::FloorOp) { return [](const double *x, int64_t) { return std::floor(x[0]); }; })
      .Case([](math::PowFOp) { return [](const double *x, int64_t) { return std::pow(x[0], x[1]); }; })
      .Case([](math::AbsFOp) { return [](const double *x, int64_t) { return std::fabs(x[0]); }; })
      .Case([](math::FmaOp) { return [](const double *x, int64_t) { return std::fma(x[0], x[1], x[2]); }; })
      .Case<arith::ExtFOp, arith::TruncFOp, arith::SIToFPOp, arith::UIToFPOp>(
          [](auto) { return [](const double *x, int64_t) { return x[0]; }; })
      .Default(Function());
}

Function findInteger(Operation *op) {
  return TypeSwitch<Operation *, Function>(op)
      .Case([](arith::AddIOp) { return [](const double *x, int64_t) { return x[0] + x[1]; }; })
      .Case([](arith::SubIOp) { return [](const double *x, int64_t) { return x[0] - x[1]; }; })
      .Case([](arith::MulIOp) { return [](const double *x, int64_t) { return x[0] * x[1]; }; })
      .Case([](arith::MaxSIOp) { return [](const double *x, int64_t) { return std::max(x[0], x[1]); }; })
      .Case([](arith::MinSIOp) { return [](const double *x, int64_t) { return std::min(x[0], x[1]); }; })
      // What divides by zero gives NaN, which is seen, rather than stopping the program.
      .Case([](arith::DivSIOp) { return [](const double *x, int64_t) { return std::trunc(x[0] / x[1]); }; })
      .Case([](arith::FloorDivSIOp) { return [](const double *x, int64_t) { return std::floor(x[0] / x[1]); }; })
      .Case([](arith::CeilDivSIOp) { return [](const double *x, int64_t) { return std::ceil(x[0] / x[1]); }; })
      .Case([](arith::RemSIOp) { return [](const double *x, int64_t) { return std::fmod(x[0], x[1]); }; })
      .Case([](arith::AndIOp) { return [](const double *x, int64_t) { return double(whole(x[0]) & whole(x[1])); }; })
      .Case([](arith::OrIOp) { return [](const double *x, int64_t) { return double(whole(x[0]) | whole(x[1])); }; })
      .Case([](arith::XOrIOp) { return [](const double *x, int64_t) { return double(whole(x[0]) ^ whole(x[1])); }; })
      .Case([](arith::ShRSIOp) {
        return [](const double *x, int64_t) { return std::floor(std::ldexp(x[0], -int(x[1]))); };
      })
      .Case([](arith::CmpIOp) {
        return [](const double *x, int64_t predicate) {
          return double(compareIntegers(whole(x[0]), whole(x[1]), arith::CmpIPredicate(predicate)));
        };
      })
      .Case([](arith::BitcastOp bits) -> Function {
        Type from = getElementTypeOrSelf(bits.getIn().getType()), to = getElementTypeOrSelf(bits.getType());
        if (from.isF32() && to.isInteger(32))
          return [](const double *x, int64_t) { return double(llvm::bit_cast<int32_t>(float(x[0]))); };
        if (from.isInteger(32) && to.isF32())
          return [](const double *x, int64_t) { return double(llvm::bit_cast<float>(int32_t(whole(x[0])))); };
        return nullptr;
      })
      .Case([](arith::FPToSIOp) { return [](const double *x, int64_t) { return std::trunc(x[0]); }; })
      // (Of unsigned integers only booleans are there, which are 0 and 1.)
      .Case<arith::IndexCastOp, arith::TruncIOp, arith::ExtSIOp, arith::ExtUIOp>(
          [](auto) { return [](const double *x, int64_t) { return x[0]; }; })
      .Default(Function());
}

} // namespace

std::optional<ScalarOp> findScalarOp(Operation *op, Precision precision) {
  if (op->getNumResults() != 1 || op->getNumOperands() > ScalarOp::mostOperands)
    return std::nullopt;
  for (Type type :
       llvm::concat<const Type>(llvm::to_vector(op->getOperandTypes()), llvm::to_vector(op->getResultTypes())))
    if (Type element = getElementTypeOrSelf(type);
        !element.isF16() && !element.isF32() && !element.isF64() && !element.isIntOrIndex())
      return std::nullopt;
  // An integer wider than a boolean would have to become unsigned first.
  if (isa<arith::ExtUIOp, arith::UIToFPOp>(op) && !getElementTypeOrSelf(op->getOperand(0).getType()).isInteger(1))
    return std::nullopt;
  ScalarOp found;
  if (isa<arith::SelectOp>(op))
    found.function = [](const double *x, int64_t) { return x[0] != 0 ? x[1] : x[2]; };
  else if (Function function = findFloat(op))
    found.function = function;
  else
    found.function = findInteger(op);
  if (!found.function)
    return std::nullopt;
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    found.detail = int64_t(compare.getPredicate());
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    found.detail = int64_t(compare.getPredicate());
  Type result = getElementTypeOrSelf(op->getResult(0).getType());
  if (result.isF16()) {
    found.rounding = Rounding::F16;
  } else if (result.isF32() && precision == Precision::F32) {
    found.rounding = Rounding::F32;
  } else if (result.isInteger() && result.getIntOrFloatBitWidth() < 64) {
    found.rounding = Rounding::Integer;
    found.width = result.getIntOrFloatBitWidth();
  }
  return found;
}

std::optional<Tensor> readConstant(Attribute attribute) {
  auto number = [](const APInt &value) {
    return value.getBitWidth() == 1 ? double(value.getZExtValue()) : double(value.getSExtValue()); // true is 1
  };
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return Tensor({}, {number(integer.getValue())});
  if (auto real = dyn_cast<FloatAttr>(attribute))
    return Tensor({}, {real.getValueAsDouble()});
  auto elements = dyn_cast<DenseElementsAttr>(attribute);
  if (!elements)
    return std::nullopt;
  Tensor tensor(elements.getType().getShape());
  if (isa<FloatType>(elements.getElementType())) {
    for (auto [x, value] : llvm::zip_equal(tensor.data, elements.getValues<APFloat>()))
      x = value.convertToDouble();
  } else {
    for (auto [x, value] : llvm::zip_equal(tensor.data, elements.getValues<APInt>()))
      x = number(value);
  }
  return tensor;
}

double scalarOf(const Value &value) {
  return value.isInteger() ? double(value.integer()) : value.tensor().data.front();
}

Value makeScalar(Type type, double x) { return type.isIntOrIndex() ? Value(int64_t(x)) : Value(Tensor({}, {x})); }

/// Any scalar op, of scalars or of each element of tensors.
template <class Op>
static LogicalResult evaluate(Op op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  std::optional<ScalarOp> scalar = findScalarOp(op, context.precision());
  if (!scalar)
    return op.emitOpError() << "expects operands of f16, f32, f64 or integers to be run, but got "
                            << op->getOperandTypes();
  double operands[ScalarOp::mostOperands] = {};
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type) {
    for (auto [index, input] : llvm::enumerate(inputs))
      operands[index] = scalarOf(input);
    results.push_back(makeScalar(op->getResult(0).getType(), (*scalar)(operands)));
    return success();
  }
  auto isTensor = [&](size_t index) { return isa<RankedTensorType>(op->getOperand(index).getType()); };
  const Tensor &like = inputs.back().tensor(); // a select may choose whole tensors
  Tensor result(like.shape);
  for (auto [index, input] : llvm::enumerate(inputs))
    if (isTensor(index) && input.tensor().shape != like.shape)
      return mismatch(op, "operands of one shape", input.tensor().shape);
  for (auto [at, x] : llvm::enumerate(result.data)) {
    for (auto [index, input] : llvm::enumerate(inputs))
      operands[index] = isTensor(index) ? input.tensor().data[at] : scalarOf(input);
    x = (*scalar)(operands);
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult constant(arith::ConstantOp op, ArrayRef<Value>, SmallVectorImpl<Value> &results,
                              Context &context) {
  std::optional<Tensor> value = readConstant(op.getValue());
  if (!value)
    return op.emitOpError() << "expects a number or a dense tensor, but got " << op.getValue();
  if (!isa<RankedTensorType>(op.getType())) {
    results.push_back(makeScalar(op.getType(), value->data.front()));
    return success();
  }
  return context.give(op, std::move(*value), results);
}

template <class... Ops> static void attachScalars(MLIRContext *context) { (attach<Ops, evaluate<Ops>>(context), ...); }

void registerArith(MLIRContext *context) {
  attach<arith::ConstantOp, constant>(context);
  attachScalars<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp, arith::NegFOp, arith::MaximumFOp,
                arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp, arith::CmpFOp, arith::ExtFOp, arith::TruncFOp,
                arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp, arith::ExtSIOp, arith::ExtUIOp, arith::AddIOp,
                arith::SubIOp, arith::MulIOp, arith::MaxSIOp, arith::MinSIOp, arith::DivSIOp, arith::FloorDivSIOp,
                arith::CeilDivSIOp, arith::RemSIOp, arith::AndIOp, arith::OrIOp, arith::XOrIOp, arith::ShRSIOp,
                arith::CmpIOp, arith::IndexCastOp, arith::TruncIOp, arith::BitcastOp, arith::SelectOp>(context);
}

void registerMath(MLIRContext *context) {
  attachScalars<math::ExpOp, math::ExpM1Op, math::LogOp, math::Log1pOp, math::TanhOp, math::ErfOp, math::SqrtOp,
                math::RsqrtOp, math::SinOp, math::CosOp, math::FloorOp, math::PowFOp, math::AbsFOp, math::FmaOp>(
      context);
}

} // namespace ph::reference
