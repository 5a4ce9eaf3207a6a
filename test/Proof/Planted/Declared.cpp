// Mistakes of passes that change values on purpose, beside what they declare.
#include "test/Proof/Planted/Bug.h"

using namespace mlir;

namespace ph::planted {

static xf::AttentionOp padded(ModuleOp module) {
  return find<xf::AttentionOp>(module, [](xf::AttentionOp op) { return bool(op.getValid()); });
}

/// The weight is stored as q8_0, which is what such a pass is for.
static xf::WeightOp store(ModuleOp module, StringRef name) {
  auto weight = find<xf::WeightOp>(module, [&](xf::WeightOp op) { return op.getSymName() == name; });
  auto format = xf::FormatAttr::get(module.getContext(), "q8_0");
  weight.setType(xf::withFormat(cast<RankedTensorType>(weight.getType()), format));
  weight.setRequantized(true);
  module.walk([&](xf::LoadWeightOp load) {
    if (load.getWeight() == name)
      load.getResult().setType(weight.getLoadedType());
  });
  return weight;
}

/// Other experts' matrices come along.
static void storeOthers(ModuleOp module) { set(store(module, "experts"), "sources", "[#xf.source<\"each\">]"); }

/// A product sees its input through int8, as it should, and loses its bias, which it should not.
static void encodeWithoutBias(ModuleOp module) {
  auto op = find<xf::LinearOp>(module, [](xf::LinearOp op) { return op.getBias() && !op.getResidual(); });
  OpBuilder builder(op);
  auto format = xf::FormatAttr::get(module.getContext(), "i8x32");
  Value input = op.getInput();
  op.getInputMutable().assign(xf::EncodeOp::create(
      builder, op.getLoc(), xf::withFormat(cast<RankedTensorType>(input.getType()), format), input));
  op.getBiasMutable().clear();
}

/// No key is there any more: of all rows, not only of those that saw nothing.
static void hideAllRows(ModuleOp module) {
  auto op = padded(module);
  OpBuilder builder(op);
  Value valid = op.getValid();
  op.getValidMutable().assign(
      xf::ElementwiseOp::create(builder, op.getLoc(), valid.getType(), valid, valid, xf::BinaryKind::Sub));
}

llvm::ArrayRef<Bug> declaredBugs() {
  static constexpr Bug bugs[] = {
      {"scale-lost-beside-hidden-rows", [](ModuleOp module) { set(padded(module), "scale", "1.0"); },
       ValueChange::HiddenRows},
      {"padding-seen-beside-hidden-rows", [](ModuleOp module) { padded(module).getValidMutable().clear(); },
       ValueChange::HiddenRows},
      {"all-rows-hidden-beside-hidden-rows", hideAllRows, ValueChange::HiddenRows},
      {"other-weight-stored", storeOthers, ValueChange::Weights},
      {"gate-stored-as-up",
       [](ModuleOp module) {
         store(module, "gate");
         store(module, "up");
         auto op = find<xf::GatedActivationOp>(module);
         swapOperands(op, 0, 1);
       },
       ValueChange::Weights},
      {"bias-lost-beside-encoding", encodeWithoutBias, ValueChange::Activations},
  };
  return bugs;
}

} // namespace ph::planted
