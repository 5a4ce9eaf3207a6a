// Loops over layers, weights, experts.
#include "mlir/Pass/PassManager.h"
#include "powerhouse/Transforms/Fusion/Passes.h"
#include "test/Proof/Planted/Bug.h"

using namespace mlir;

namespace ph::planted {

/// What xf-fuse-qkv does, with the rows of keys and values in the wrong order.
static void joinInWrongOrder(ModuleOp module) {
  PassManager manager(module.getContext());
  manager.addPass(createFuseQKVPass());
  if (failed(manager.run(module)))
    return;
  auto weight =
      find<xf::WeightOp>(module, [](xf::WeightOp op) { return op.getSources() && op.getSources()->size() == 3; });
  SmallVector<Attribute> sources(weight.getSources()->getValue());
  std::swap(sources[1], sources[2]);
  weight.setSourcesAttr(ArrayAttr::get(module.getContext(), sources));
}

static void alwaysFirstLayer(ModuleOp module) {
  auto op = find<xf::LoadWeightOp>(module, [](xf::LoadWeightOp op) { return bool(op.getLayer()); });
  OpBuilder builder(op);
  op.getLayerMutable().assign(arith::ConstantIndexOp::create(builder, op.getLoc(), 0));
}

static void combineUnweighted(ModuleOp module) {
  auto op = find<xf::CombineExpertsOp>(module);
  OpBuilder builder(op);
  Value weights = op.getWeights();
  op.getWeightsMutable().assign(xf::ElementwiseOp::create(builder, op.getLoc(), xf::BinaryKind::Div, weights, weights));
}

/// The weights of a token's experts in the wrong order.
static void reorderWeights(ModuleOp module) {
  auto op = find<xf::CombineExpertsOp>(module);
  OpBuilder builder(op);
  auto part = [&](int64_t from) -> Value {
    return xf::SliceOp::create(builder, op.getLoc(), op.getWeights(), /*axis=*/2, builder.getI64IntegerAttr(from),
                               builder.getI64IntegerAttr(from + 1));
  };
  Value second = part(1), first = part(0);
  op.getWeightsMutable().assign(xf::ConcatOp::create(builder, op.getLoc(), ValueRange{second, first}, /*axis=*/2));
}

llvm::ArrayRef<Bug> layerBugs() {
  static constexpr Bug bugs[] = {
      {"qkv-wrong-order", joinInWrongOrder},
      {"weight-layer-wrong", alwaysFirstLayer},
      {"repeat-off-by-one", [](ModuleOp module) { set(find<xf::RepeatOp>(module), "count", "1"); }},
      {"source-of-another",
       [](ModuleOp module) {
         auto named = [&](StringRef name) {
           return find<xf::WeightOp>(module, [&](xf::WeightOp op) { return op.getSymName() == name; });
         };
         named("gate").setSourcesAttr(named("up").getSourcesAttr());
       }},
      {"experts-unweighted", combineUnweighted},
      {"router-order-wrong", reorderWeights},
      {"router-not-normalized", [](ModuleOp module) { find<xf::RouterOp>(module).setNormalize(false); }},
      {"router-scale-lost", [](ModuleOp module) { find<xf::RouterOp>(module)->removeAttr("scale"); }},
  };
  return bugs;
}

} // namespace ph::planted
