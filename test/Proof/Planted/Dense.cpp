#include "test/Proof/Planted/Bug.h"

using namespace mlir;

namespace ph::planted {

static xf::RmsNormOp norm(ModuleOp module) { return find<xf::RmsNormOp>(module); }

/// Two norms that differ in eps alone become one.
static void mergeNorms(ModuleOp module) {
  auto first = find<xf::RmsNormOp>(module, [](xf::RmsNormOp op) {
    return isa<BlockArgument>(op.getInput()) && op.getEps().convertToDouble() < 1e-4 &&
           isa<func::FuncOp>(op->getParentOp());
  });
  auto second =
      find<xf::RmsNormOp>(module, [&](xf::RmsNormOp op) { return op != first && op.getInput() == first.getInput(); });
  replace(second, first.getResult());
}

/// A product's input rounded to what it was not asked to be.
static void roundInput(ModuleOp module) {
  auto op = find<xf::LinearOp>(module);
  OpBuilder builder(op);
  auto half = xf::withFormat(op.getInput().getType(), xf::FormatAttr::get(op.getContext(), "f16"));
  op.getInputMutable().assign(xf::EncodeOp::create(builder, op.getLoc(), half, op.getInput()));
}

static void smallerBlocks(ModuleOp module) {
  auto op = find<xf::EncodeOp>(module);
  auto type = xf::withFormat(op.getResult().getType(), xf::FormatAttr::get(op.getContext(), "i8x16"));
  op.getResult().setType(type);
}

/// What fuse-residual does, but the addition stays.
static void addTwice(ModuleOp module) {
  auto op = find<xf::AddOp>(module);
  maker<xf::LinearOp>(op.getRhs()).getResidualMutable().assign(op.getLhs());
}

/// x + 1e7 - 1e7, which is x but for rounding: of f32 nothing is left.
static void cancel(ModuleOp module) {
  auto op = find<xf::GatedActivationOp>(module);
  OpBuilder builder(op);
  auto scalar = RankedTensorType::get({}, builder.getF32Type());
  Value far = arith::ConstantOp::create(builder, op.getLoc(), DenseElementsAttr::get(scalar, 1.0e7f));
  Value up = op.getUp();
  for (xf::BinaryKind kind : {xf::BinaryKind::Add, xf::BinaryKind::Sub})
    up = xf::ElementwiseOp::create(builder, op.getLoc(), up.getType(), up, far, kind);
  op.getUpMutable().assign(up);
}

static xf::LinearOp withBias(ModuleOp module) {
  return find<xf::LinearOp>(module, [](xf::LinearOp op) { return bool(op.getBias()); });
}

llvm::ArrayRef<Bug> denseBugs() {
  static constexpr Bug bugs[] = {
      {"eps-lost", [](ModuleOp module) { set(norm(module), "eps", "0.0"); }},
      {"cancels-in-f32", cancel},
      {"eps-wrong", [](ModuleOp module) { set(norm(module), "eps", "1.0e-6"); }},
      {"merges-unequal-norms", mergeNorms},
      {"residual-dropped",
       [](ModuleOp module) {
         auto op = find<xf::AddOp>(module);
         replace(op, op.getRhs());
       }},
      {"residual-added-twice", addTwice},
      {"residual-of-linear-lost",
       [](ModuleOp module) {
         auto op = find<xf::LinearOp>(module, [](xf::LinearOp op) { return bool(op.getResidual()); });
         op.getResidualMutable().clear();
       }},
      {"bias-lost", [](ModuleOp module) { withBias(module).getBiasMutable().clear(); }},
      {"gate-for-up", [](ModuleOp module) { swapOperands(find<xf::GatedActivationOp>(module), 0, 1); }},
      {"gelu-tanh-for-gelu",
       [](ModuleOp module) { set(find<xf::GatedActivationOp>(module), "activation", "#xf<activation gelu_tanh>"); }},
      {"embedding-scale-lost", [](ModuleOp module) { find<xf::EmbeddingOp>(module)->removeAttr("scale"); }},
      {"logits-cap-lost", [](ModuleOp module) { find<xf::LogitsOp>(module)->removeAttr("soft_cap"); }},
      {"split-parts-swapped",
       [](ModuleOp module) {
         auto op = find<xf::SplitOp>(module);
         Value a = op->getResult(0), b = op->getResult(1);
         SmallVector<OpOperand *> uses;
         for (OpOperand &use : a.getUses())
           uses.push_back(&use);
         b.replaceAllUsesWith(a);
         for (OpOperand *use : uses)
           use->set(b);
       }},
      {"encode-block-wrong", smallerBlocks},
      {"f16-not-allowed", roundInput},
  };
  return bugs;
}

} // namespace ph::planted
