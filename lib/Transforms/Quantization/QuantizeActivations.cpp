#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Quantization/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_QUANTIZEACTIVATIONSPASS
#include "lib/Transforms/Quantization/Passes.h.inc"

namespace {

constexpr uint32_t kMostBits = 8;

/// Elements of a block in which the input of a product with `weight` is to be encoded; 0 if it stays f32.
int64_t inputBlock(Value weight) {
  xf::FormatAttr format = xf::getFormat(weight.getType());
  const Format *storage = format ? format.getStorage() : nullptr;
  if (!storage || storage->kind != FormatKind::Affine || storage->bits > kMostBits)
    return 0;
  return storage->groupElements == 16 ? 16 : 32;
}

struct QuantizeActivationsPass final : impl::QuantizeActivationsPassBase<QuantizeActivationsPass>, ChangesValues {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    if (activations != "int8" && activations != "f32")
      return emitError(UnknownLoc::get(context))
             << "expects activations=int8 or activations=f32, but got '" << activations << "'";
    return success();
  }

  ValueChange getValueChange() const override { return {ValueChange::Activations, "inputs of products become int8"}; }

  void runOnOperation() override {
    if (activations == "f32")
      return;
    getOperation()->walk([&](Operation *op) {
      TypeSwitch<Operation *>(op)
          .Case([&](xf::LinearOp linear) { encode(linear, linear.getInputMutable(), {linear.getWeight()}); })
          .Case([&](xf::LogitsOp logits) { encode(logits, logits.getInputMutable(), {logits.getWeight()}); })
          .Case([&](xf::GatedLinearOp linear) {
            encode(linear, linear.getInputMutable(), {linear.getGate(), linear.getUp()});
          });
    });
  }

private:
  void encode(Operation *op, OpOperand &input, ArrayRef<Value> weights) {
    auto type = cast<RankedTensorType>(input.get().getType());
    if (xf::getFormat(type))
      return; // encoded already
    int64_t block = 32;
    for (Value weight : weights) {
      int64_t wanted = inputBlock(weight);
      if (wanted == 0)
        return remarkRefused(op, getArgument(), "the weight isn't stored as codes of at most 8 bits");
      block = std::min(block, wanted);
    }
    auto format = xf::FormatAttr::get(op->getContext(), block == 16 ? "i8x16" : "i8x32");
    if (type.getShape().back() % block != 0)
      return remarkRefused(op, getArgument(), "the input's features don't fill blocks of " + Twine(block));
    OpBuilder builder(op);
    input.set(xf::EncodeOp::create(builder, op->getLoc(), xf::withFormat(type, format), input.get()));
    remarkDone(op, getArgument(), "its input is encoded as " + Twine(format.getName()));
    ++encoded;
  }
};

} // namespace
} // namespace ph
