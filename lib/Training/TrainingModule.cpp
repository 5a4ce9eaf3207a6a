#include "powerhouse/Training/TrainingModule.h"
#include "lib/Training/AdapterDropout.h"
#include "lib/Training/Objectives.h"
#include "lib/Training/Precision.h"
#include "lib/Training/Update.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "powerhouse/Autodiff/Autodiff.h"
#include "powerhouse/Transforms/Passes.h"

using namespace mlir;

namespace ph {

/// The weights among a function's arguments, and what the runtime must know of them.
static SmallVector<TrainedWeight> findWeights(func::FuncOp function, SmallVectorImpl<Attribute> &described) {
  SmallVector<TrainedWeight> weights;
  Builder b(function.getContext());
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto tensors = function.getArgAttrOfType<ArrayAttr>(i, kTensorsAttr);
    if (!tensors)
      continue;
    auto rank = function.getArgAttrOfType<IntegerAttr>(i, kTensorRankAttr);
    auto name = function.getArgAttrOfType<StringAttr>(i, xf::XFDialect::getNameAttrName());
    weights.push_back(
        {name.str(), cast<RankedTensorType>(function.getArgumentTypes()[i]), rank.getInt(), int64_t(tensors.size())});
    described.push_back(b.getDictionaryAttr(
        {b.getNamedAttr("name", name), b.getNamedAttr("tensors", tensors), b.getNamedAttr("rank", rank)}));
  }
  return weights;
}

static LogicalResult run(ModuleOp module, llvm::function_ref<void(OpPassManager &)> fill) {
  PassManager pm(module.getContext());
  fill(pm);
  return pm.run(module);
}

LogicalResult makeTrainingModule(ModuleOp module, const TrainingOptions &options) {
  TrainExposeWeightsPassOptions expose;
  expose.function = "forward";
  expose.match = options.loraRank ? "^base_model\\..*\\.lora_[AB]\\.weight$" : options.trainable;
  if (failed(run(module, [&](OpPassManager &pm) {
        pm.addPass(createCSEPass());
        pm.addPass(createRemoveCachePass());
        if (options.loraRank) {
          TrainAddAdaptersPassOptions adapters;
          adapters.rank = options.loraRank;
          adapters.scale = options.loraScale;
          adapters.targets = options.loraTargets;
          pm.addPass(createTrainAddAdaptersPass(adapters));
        }
      })))
    return failure();
  auto function = module.lookupSymbol<func::FuncOp>("forward");
  if (!function || !function.getBody().hasOneBlock())
    return module.emitError() << "has no function @forward that could be trained";
  if (options.loraRank && options.loraDropout > 0)
    addAdapterDropout(function, options.loraDropout);
  const bool teaches = options.objective == kTeacher;
  if (failed(run(module, [&](OpPassManager &pm) {
        if (!teaches)
          pm.addPass(createTrainExposeWeightsPass(expose));
        pm.addPass(createCanonicalizerPass());
        pm.addPass(createCSEPass());
      })))
    return failure();
  for (auto other : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
    if (other != function)
      other.erase();
  if (options.objective == kPolicy) {
    TrainingFunction judged(function, options);
    if (failed(addValueHead(judged)))
      return function.emitOpError() << "gives no scores of tokens by a product, which a policy does";
  }
  for (const Companion &companion : companionsOf(options.objective)) {
    auto besides = cast<func::FuncOp>(function->clone());
    module.push_back(besides);
    besides.setSymName(companion.name);
    removeDropout(besides);
    TrainingFunction made(besides, options);
    made.nameTokens();
    if (failed(companion.make(made)))
      return failure();
  }
  TrainingFunction training(function, options);
  training.nameTokens();
  if (options.packed)
    training.separateDocuments();
  if (failed((options.lossText.empty() ? findObjective(options.objective) : ownLoss)(training)))
    return failure();
  function.setSymName(teaches ? "teach" : "evaluate");
  if (teaches)
    return run(module, [](OpPassManager &pm) { pm.addPass(createRemoveDeadWeightsPass()); });
  if (failed(run(module, [&](OpPassManager &pm) {
        pm.addPass(createTrainExpandPass());
        pm.addPass(createCanonicalizerPass());
        pm.addPass(createCSEPass());
        if (!options.recomputeBudget.empty() && options.recomputeBudget != "all")
          pm.addNestedPass<func::FuncOp>(
              createSplitLoopsPass({options.recomputeBudget, options.tokens, options.context}));
      })))
    return failure();
  SmallVector<Attribute> described;
  SmallVector<TrainedWeight> weights = findWeights(function, described);
  if (weights.empty())
    return function.emitOpError() << "has no weights to train";
  for (auto each : module.getOps<func::FuncOp>())
    if (!options.precision.empty())
      roundProducts(each, options.precision == "bf16" ? train::Half::BF16 : train::Half::F16);
  if (options.precision == "f16") {
    TrainingFunction scaled(function, options);
    scaleLoss(scaled);
  }
  autodiff::Request request{
      options.precision == "f16" ? kScaledLoss.str() : "loss", {}, /*accumulate=*/true, "gradients"};
  for (const TrainedWeight &weight : weights)
    request.wrt.push_back(weight.name);
  FailureOr<func::FuncOp> gradients = autodiff::buildGradient(function, request);
  if (failed(gradients))
    return failure();
  removeDropout(function);
  removeScaledLoss(function, /*input=*/true);
  removeScaledLoss(*gradients, /*input=*/false);
  buildUpdate(*gradients, weights, options);
  Builder b(module.getContext());
  module->setAttr(kTrainingAttr, b.getDictionaryAttr({b.getNamedAttr("objective", b.getStringAttr(options.objective)),
                                                      b.getNamedAttr("weights", b.getArrayAttr(described))}));
  return run(module, [&](OpPassManager &pm) {
    pm.addPass(createTrainExpandPass()); // what @update is made of
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
    pm.addPass(createTrainFuseTokenLogpPass());
    pm.addPass(createCanonicalizerPass());
    if (!options.recomputeBudget.empty())
      pm.addNestedPass<func::FuncOp>(createRecomputePass({options.recomputeBudget, options.tokens, options.context}));
    pm.addPass(createRemoveDeadWeightsPass());
  });
}

} // namespace ph
