#include "lib/Transforms/Recognition/Values.h"
#include "dialects/Transformer/Dims.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;

namespace ph {

std::optional<double> getUniform(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<xf::ReshapeOp, xf::BroadcastOp, xf::TransposeOp>(op))
      break;
    value = op->getOperand(0);
  }
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)))
    return std::nullopt;
  if (!elements.isSplat() && elements.getNumElements() != 1)
    return std::nullopt;
  if (elements.getNumElements() == 0)
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType()))
    return (*elements.value_begin<APFloat>()).convertToDouble();
  APInt integer = *elements.value_begin<APInt>();
  return integer.getBitWidth() == 1 ? double(integer.getZExtValue()) : double(integer.getSExtValue());
}

bool mayWiden(Value other, Value kept) {
  auto otherType = cast<RankedTensorType>(other.getType()), keptType = cast<RankedTensorType>(kept.getType());
  int64_t missing = keptType.getRank() - otherType.getRank();
  if (missing < 0)
    return true;
  for (int64_t axis = 0; axis < otherType.getRank(); ++axis)
    if (otherType.getDimSize(axis) != 1 && !xf::areEqual({other, axis}, {kept, axis + missing}))
      return true;
  return false;
}

std::optional<std::pair<Value, Value>> matchBinary(Value value, xf::BinaryKind kind) {
  auto op = value.getDefiningOp<xf::ElementwiseOp>();
  if (!op || op.getKind() != kind)
    return std::nullopt;
  return std::pair<Value, Value>(op.getLhs(), op.getRhs());
}

Value matchUnary(Value value, xf::UnaryKind kind) {
  auto op = value.getDefiningOp<xf::UnaryOp>();
  return op && op.getKind() == kind ? Value(op.getInput()) : Value();
}

std::optional<Multiple> matchMultiple(Value value) {
  std::optional<Multiple> result;
  if (auto product = matchBinary(value, xf::BinaryKind::Mul)) {
    auto [lhs, rhs] = *product;
    if (auto factor = getUniform(rhs); factor && !mayWiden(rhs, lhs))
      result = {lhs, *factor};
    else if ((factor = getUniform(lhs)) && !mayWiden(lhs, rhs))
      result = {rhs, *factor};
  } else if (auto quotient = matchBinary(value, xf::BinaryKind::Div)) {
    auto divisor = getUniform(quotient->second);
    if (divisor && *divisor != 0 && !mayWiden(quotient->second, quotient->first))
      result = {quotient->first, 1 / *divisor};
  } else if (Value negated = matchUnary(value, xf::UnaryKind::Neg)) {
    result = {negated, -1};
  }
  return result && result->of.getType() == value.getType() ? result : std::nullopt;
}

bool isNear(double a, double b) { return std::fabs(a - b) <= 1e-6 * std::fmax(std::fabs(a), std::fabs(b)); }

Value matchWithNumber(Value value, xf::BinaryKind kind, double number) {
  auto operands = matchBinary(value, kind);
  if (!operands)
    return {};
  auto isNumber = [&](Value candidate, Value kept) {
    auto uniform = getUniform(candidate);
    return uniform && isNear(*uniform, number) && !mayWiden(candidate, kept);
  };
  auto [lhs, rhs] = *operands;
  if (isNumber(rhs, lhs))
    return lhs;
  bool commutes = kind == xf::BinaryKind::Add || kind == xf::BinaryKind::Mul || kind == xf::BinaryKind::Max;
  return commutes && isNumber(lhs, rhs) ? rhs : Value();
}

} // namespace ph
