#include "lib/Transforms/Recognition/Numbers.h"
#include "lib/Transforms/Recognition/Values.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZELOGITSPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

/// The input of `value` where it is x times a number, which is multiplied into `factor`.
Value withoutScale(Value value, double &factor) {
  if (auto scale = value.getDefiningOp<xf::ScaleOp>()) {
    factor *= scale.getFactor().convertToDouble();
    return scale.getInput();
  }
  if (std::optional<Multiple> multiple = matchMultiple(value)) {
    factor *= multiple->factor;
    return multiple->of;
  }
  return value;
}

/// The input of `value` where it is tanh x; null otherwise.
Value matchTanh(Value value) {
  if (auto activation = value.getDefiningOp<xf::ActivationOp>())
    return activation.getActivation() == xf::Activation::Tanh ? Value(activation.getInput()) : Value();
  return matchUnary(value, xf::UnaryKind::Tanh);
}

struct RecognizeLogitsPass final : impl::RecognizeLogitsPassBase<RecognizeLogitsPass> {
  void runOnOperation() override {
    getOperation()->walk([&](func::ReturnOp op) {
      for (OpOperand &operand : op->getOpOperands())
        if (std::string reason = recognize(operand); !reason.empty())
          remarkRefused(op, getArgument(), reason);
    });
  }

private:
  /// Why scaled or capped scores stay as they are; empty if they don't, or if these are none.
  std::string recognize(OpOperand &operand) {
    double outer = 1, inner = 1;
    Value value = operand.get(), below = withoutScale(value, outer);
    Value capped = matchTanh(below);
    Value product = withoutScale(capped ? capped : below, inner);
    auto linear = product.getDefiningOp<xf::LinearOp>();
    if (!linear || product == value || !isa<FloatType>(cast<RankedTensorType>(value.getType()).getElementType()))
      return "";
    if (linear.getBias() || linear.getResidual() || linear.getActivation())
      return "the scores have a bias, a residual or an activation";
    if (product.getType() != value.getType())
      return "the scores are broadcast";
    double scale = outer;
    std::optional<double> cap;
    if (capped) {
      // c · tanh(s x / c)
      cap = usualNumber(outer, 1e-6);
      scale = inner * outer;
      if (*cap <= 0)
        return "the scores are capped by a number below 0";
      if (isNear(scale, 1))
        scale = 1;
    }
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    auto logits = xf::LogitsOp::create(builder, value.getLoc(), cast<RankedTensorType>(value.getType()),
                                       linear.getInput(), linear.getWeight(),
                                       scale == 1 ? FloatAttr() : builder.getF64FloatAttr(usualNumber(scale, 1e-6)),
                                       cap ? builder.getF64FloatAttr(*cap) : FloatAttr());
    operand.set(logits);
    remarkDone(logits, getArgument(), cap ? "scores that are capped" : "scores that are scaled");
    ++recognized;
    // What led here goes if nothing else uses it.
    Operation *last = value.getDefiningOp();
    while (last && last->use_empty()) {
      Value input = last->getOperand(0);
      Value number = last->getNumOperands() > 1 && isa<xf::ElementwiseOp>(last) ? last->getOperand(1) : Value();
      if (number && getUniform(input) && !getUniform(number))
        input = number;
      bool done = isa<xf::LinearOp>(last);
      last->erase();
      last = done ? nullptr : input.getDefiningOp();
    }
    return "";
  }
};

} // namespace
} // namespace ph
