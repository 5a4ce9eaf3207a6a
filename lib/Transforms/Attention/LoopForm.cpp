// Forms of what linalg computes: numbers that a fill writes, and loops that leave them as they are.
#include "lib/Transforms/Attention/IndexForm.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ph {

static bool isZero(Value scalar) {
  if (matchPattern(scalar, m_Zero()))
    return true;
  auto extract = scalar.getDefiningOp<tensor::ExtractOp>();
  std::optional<IndexForm> form = extract ? getIndexForm(extract.getTensor()) : std::nullopt;
  return form && form->isConstant() && form->constant == 0;
}

/// Whether `scalar` is `start`, whatever is chosen and however many zeros are added.
static bool isUnchanged(Value scalar, Value start) {
  if (scalar == start)
    return true;
  if (auto select = scalar.getDefiningOp<arith::SelectOp>())
    return isUnchanged(select.getTrueValue(), start) && isUnchanged(select.getFalseValue(), start);
  auto sum = scalar.getDefiningOp<arith::AddIOp>();
  return sum && ((isUnchanged(sum.getLhs(), start) && isZero(sum.getRhs())) ||
                 (isUnchanged(sum.getRhs(), start) && isZero(sum.getLhs())));
}

std::optional<IndexForm> getLoopForm(Operation *op) {
  if (auto fill = dyn_cast<linalg::FillOp>(op)) {
    APInt number;
    if (!fill.value().getType().isInteger(32) || fill->getNumResults() != 1 ||
        !matchPattern(fill.value(), m_ConstantInt(&number)))
      return std::nullopt;
    IndexForm form;
    form.coefficients.assign(cast<RankedTensorType>(fill.getResult(0).getType()).getRank(), 0);
    form.constant = number.getSExtValue();
    return form;
  }
  auto loops = dyn_cast<linalg::GenericOp>(op);
  if (!loops || loops->getNumResults() != 1)
    return std::nullopt;
  Value yielded = loops.getBody()->getTerminator()->getOperand(0);
  if (!isUnchanged(yielded, loops.getBody()->getArguments().back()))
    return std::nullopt;
  return getIndexForm(loops.getDpsInits().front());
}

} // namespace ph
