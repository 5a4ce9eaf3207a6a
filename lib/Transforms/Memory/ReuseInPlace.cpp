#include "powerhouse/Analysis/Memory.h"
#include "powerhouse/Transforms/Memory/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_REUSEINPLACEPASS
#include "lib/Transforms/Memory/Passes.h.inc"

namespace {

/// The operands that `op` could overwrite: it reads no element of them after it has written the element's place.
SmallVector<OpOperand *> getCandidates(Operation *op) {
  SmallVector<OpOperand *> candidates;
  TypeSwitch<Operation *>(op)
      .Case<xf::AddOp, xf::AddRmsNormOp, xf::AddLayerNormOp, xf::MulOp, xf::GatedActivationOp, xf::ElementwiseOp>(
          [&](auto) { candidates = {&op->getOpOperand(0), &op->getOpOperand(1)}; })
      .Case<xf::ActivationOp, xf::ScaleOp, xf::RmsNormOp, xf::LayerNormOp, xf::RopeOp, xf::UnaryOp, xf::SoftmaxOp,
            xf::CacheAppendOp>([&](auto) { candidates = {&op->getOpOperand(0)}; })
      .Case([&](xf::LinearOp linear) {
        for (OpOperand &residual : linear.getResidualMutable())
          candidates.push_back(&residual);
      });
  return candidates;
}

struct ReuseInPlacePass final : impl::ReuseInPlacePassBase<ReuseInPlacePass> {
  void runOnOperation() override {
    getOperation()->walk([&](Operation *op) { mark(op); });
  }

private:
  void mark(Operation *op) {
    std::string reasons;
    for (OpOperand *operand : getCandidates(op)) {
      unsigned number = operand->getOperandNumber();
      std::string reason = refusal(op, *operand);
      if (reason.empty()) {
        op->setAttr(analysis::kInPlaceAttr, Builder(op).getI64IntegerAttr(number));
        remarkDone(op, getArgument(), "the result takes the place of operand " + Twine(number));
        ++marked;
        return;
      }
      reasons += (reasons.empty() ? "operand " : "; operand ") + std::to_string(number) + ": " + reason;
    }
    if (!reasons.empty())
      remarkRefused(op, getArgument(), reasons);
  }

  static std::string refusal(Operation *op, OpOperand &operand) {
    // A product reads all of its input for each element that it writes.
    if (auto linear = dyn_cast<xf::LinearOp>(op); linear && linear.getInput() == operand.get())
      return "it is what the product reads";
    // What is 1 at run time may be spread over the result.
    if (isa<xf::ElementwiseOp>(op) && !cast<RankedTensorType>(operand.get().getType()).hasStaticShape())
      return "it may be broadcast";
    return analysis::whyNotInPlace(op, operand.getOperandNumber());
  }
};

} // namespace
} // namespace ph
