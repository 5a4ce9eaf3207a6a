#include "lib/Transforms/Recognition/ElementFunction.h"
#include "lib/Transforms/Attention/IndexForm.h"
#include "lib/Transforms/Recognition/Values.h"
#include <cmath>

using namespace mlir;

namespace ph {

static bool isFloat(Value value) { return isa<FloatType>(cast<RankedTensorType>(value.getType()).getElementType()); }

static std::optional<double> computeUnary(xf::UnaryOp op, double x) {
  switch (op.getKind()) {
  case xf::UnaryKind::Abs:
    return std::fabs(x);
  case xf::UnaryKind::Neg:
    return -x;
  case xf::UnaryKind::Log:
    return std::log(float(x));
  case xf::UnaryKind::Not:
    return x == 0;
  default:
    return std::nullopt;
  }
}

static std::optional<double> computeBinary(xf::ElementwiseOp op, double x, double y) {
  bool floats = isFloat(op);
  auto rounded = [&](double exact) { return floats ? double(float(exact)) : exact; };
  switch (op.getKind()) {
  case xf::BinaryKind::Add:
    return rounded(x + y);
  case xf::BinaryKind::Sub:
    return rounded(x - y);
  case xf::BinaryKind::Mul:
    return rounded(x * y);
  case xf::BinaryKind::Div:
    return floats ? std::optional(rounded(x / y)) : std::nullopt;
  case xf::BinaryKind::Min:
    return std::fmin(x, y);
  case xf::BinaryKind::Max:
    return std::fmax(x, y);
  case xf::BinaryKind::And:
    return x != 0 && y != 0;
  case xf::BinaryKind::Or:
    return x != 0 || y != 0;
  default:
    return std::nullopt;
  }
}

static double compare(xf::CompareKind kind, double x, double y) {
  switch (kind) {
  case xf::CompareKind::Eq:
    return x == y;
  case xf::CompareKind::Ne:
    return x != y;
  case xf::CompareKind::Lt:
    return x < y;
  case xf::CompareKind::Le:
    return x <= y;
  case xf::CompareKind::Gt:
    return x > y;
  case xf::CompareKind::Ge:
    return x >= y;
  }
  llvm_unreachable("all kinds are above");
}

static std::optional<double> convert(xf::CastOp op, double x) {
  Type type = cast<RankedTensorType>(op.getType()).getElementType();
  if (type.isInteger(1))
    return x != 0;
  // What is no number, or too large for one, is chosen against.
  if (type.isInteger(32))
    return std::isfinite(x) && std::fabs(x) < 0x1p31 ? std::trunc(x) : -0x1p31;
  return type.isF32() ? std::optional(double(float(x))) : std::nullopt;
}

std::optional<ElementFunction::Leaf> ElementFunction::leafOf(Value of) {
  Leaf leaf;
  if (std::optional<double> uniform = getUniform(of)) {
    leaf.constant = *uniform;
    return leaf;
  }
  std::optional<IndexForm> form = isFloat(of) ? std::nullopt : getIndexForm(of);
  std::optional<IndexForm> matrix = form && form->symbols.empty() ? form->withRank(2) : std::nullopt;
  if (!matrix)
    return std::nullopt;
  leaf.ofRow = matrix->coefficients[0];
  leaf.ofColumn = matrix->coefficients[1];
  leaf.constant = double(matrix->constant);
  leaf.isTruth = cast<RankedTensorType>(of.getType()).getElementType().isInteger(1);
  return leaf;
}

std::optional<double> ElementFunction::evaluate(Value of) {
  if (auto known = done.find(of); known != done.end())
    return known->second;
  auto [place, isNew] = leaves.try_emplace(of);
  if (isNew) {
    std::optional<Leaf> made = leafOf(of);
    leaves[of] = made;
  }
  std::optional<double> result;
  if (std::optional<Leaf> leaf = leaves.lookup(of)) {
    double number = double(leaf->ofRow * row + leaf->ofColumn * column) + leaf->constant;
    result = leaf->isTruth ? double(number >= 0) : number;
  } else if (Operation *op = of.getDefiningOp()) {
    SmallVector<double> operands;
    if (isa<xf::BroadcastOp, xf::UnaryOp, xf::ElementwiseOp, xf::CompareOp, xf::SelectOp, xf::CastOp>(op))
      for (Value operand : isa<xf::BroadcastOp>(op) ? op->getOperands().take_front() : op->getOperands())
        if (std::optional<double> each = evaluate(operand))
          operands.push_back(*each);
    result =
        TypeSwitch<Operation *, std::optional<double>>(op)
            .Case([&](xf::BroadcastOp) { return operands.size() == 1 ? std::optional(operands[0]) : std::nullopt; })
            .Case(
                [&](xf::UnaryOp each) { return operands.size() == 1 ? computeUnary(each, operands[0]) : std::nullopt; })
            .Case([&](xf::CastOp each) { return operands.size() == 1 ? convert(each, operands[0]) : std::nullopt; })
            .Case([&](xf::ElementwiseOp each) {
              return operands.size() == 2 ? computeBinary(each, operands[0], operands[1]) : std::nullopt;
            })
            .Case([&](xf::CompareOp each) {
              return operands.size() == 2 ? std::optional(compare(each.getKind(), operands[0], operands[1]))
                                          : std::nullopt;
            })
            .Case([&](xf::SelectOp) {
              return operands.size() == 3 ? std::optional(operands[0] != 0 ? operands[1] : operands[2]) : std::nullopt;
            })
            .Default(std::nullopt);
  }
  done[of] = result;
  return result;
}

std::optional<double> ElementFunction::at(int64_t i, int64_t j) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() < 2 || llvm::any_of(type.getShape().drop_back(2), [](int64_t size) { return size != 1; }))
    return std::nullopt;
  row = i;
  column = j;
  done.clear();
  return evaluate(value);
}

} // namespace ph
