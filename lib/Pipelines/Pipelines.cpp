#include "powerhouse/Pipelines/Pipelines.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "powerhouse/Codegen/CPU/GenerateCpuKernels.h"
#include "powerhouse/Conversion/Programs.h"
#include "powerhouse/Conversion/TransformerToKernels.h"
#include "powerhouse/Conversion/TransformerToLinalg.h"
#include "powerhouse/Transforms/Passes.h"

using namespace mlir;

namespace ph {

void buildTransformerPipeline(OpPassManager &pm, bool int8Activations) {
  pm.addPass(createCSEPass());
  pm.addPass(createFoldEmbeddingScalePass());
  pm.addPass(createFuseBiasPass());
  pm.addPass(createFuseQKVPass());
  pm.addPass(createFuseGateUpPass());
  pm.addPass(createFuseResidualPass());
  pm.addPass(createFuseRopePass());
  if (int8Activations) {
    pm.addPass(createQuantizeActivationsPass());
    pm.addPass(createFoldEncodePass());
  }
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createRemoveDeadWeightsPass());
}

void buildLiftingPipeline(OpPassManager &pm) {
  pm.addPass(createPropagateConstantsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Sizes that have become one value are seen to be equal.
  pm.addPass(createCanonicalizerPass());
  // What says which sizes are those of tokens comes before what asks for it.
  pm.addPass(createRecognizePositionsPass());
  pm.addPass(createRecognizePatchesPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createPropagateLayoutPass());
  pm.addPass(createRecognizeRopePass());
  pm.addPass(createRecognizeRelativePositionsPass());
  pm.addPass(createRecognizeAttentionPass());
  pm.addPass(createRecognizeAlibiPass());
  // Heads are folded now, and what was around them meets; rows that are folded come apart also around norms.
  pm.addPass(createRecognizeNormsPass());
  pm.addPass(createPropagateLayoutPass());
  pm.addPass(createRecognizePositionsPass());
  pm.addPass(createRecognizeNormsPass());
  pm.addPass(createRecognizeActivationsPass());
  pm.addPass(createRecognizeLinearPass());
  pm.addPass(createRecognizeScalePass());
  pm.addPass(createRecognizeLogitsPass());
  pm.addPass(createRecognizePoolingPass());
  pm.addPass(createRecognizeEmbeddingPass());
  // Heads that were made for each of their parts are one value.
  pm.addPass(createCSEPass());
  pm.addPass(createRecognizeSplitPass());
  // What all layers use, positions say, is one value.
  pm.addPass(createCSEPass());
  pm.addPass(createOutlineLayersPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void buildTextLiftingPipeline(OpPassManager &pm, bool halfCache) {
  buildLiftingPipeline(pm);
  pm.addPass(createAddCachePass({halfCache}));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

namespace {
enum class Activations { Int8, F32 };

struct DefaultPipelineOptions : PassPipelineOptions<DefaultPipelineOptions> {
  Option<Activations> activations{
      *this, "activations", llvm::cl::init(Activations::Int8), llvm::cl::desc("How inputs of products are stored"),
      llvm::cl::values(clEnumValN(Activations::Int8, "int8", "as int8, where weights have at most 8 bits"),
                       clEnumValN(Activations::F32, "f32", "as they are"))};
};
} // namespace

void registerPipelines() {
  PassPipelineRegistration<DefaultPipelineOptions>("xf-default-pipeline", "What phc runs on xf, in its order",
                                                   [](OpPassManager &pm, const DefaultPipelineOptions &options) {
                                                     buildTransformerPipeline(pm,
                                                                              options.activations == Activations::Int8);
                                                   });
  PassPipelineRegistration<>("lower-to-programs",
                             "From functions on tensors to programs that threads run on planned memory",
                             buildProgramPipeline);
  PassPipelineRegistration<>("xf-lift", "From primitives, as exporters write them, to the ops of transformers",
                             buildLiftingPipeline);
}

void buildTensorPipeline(OpPassManager &pm) {
  pm.addPass(createInlinerPass());
  pm.addPass(createFlashAttentionPass());
  pm.addPass(conversion::createConvertTransformerToLinalgPass(/*keepProducts=*/true));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Named ops and chains of element-wise ones become one form.
  pm.addNestedPass<func::FuncOp>(createLinalgGeneralizeNamedOpsPass());
  pm.addPass(conversion::createAccumulateProductsPass());
  pm.addPass(conversion::createFuseElementwisePass());
  pm.addPass(conversion::createMergeElementwisePass());
  pm.addPass(conversion::createShareProductsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void buildProgramPipeline(OpPassManager &pm) {
  // First, because weights are placed in the order in which they are read, which is that of the artifact's plan.
  pm.addPass(conversion::createConvertFunctionsToProgramsPass());
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  // No common subexpressions: each destination is of its own here.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(bufferization::createOneShotBufferizePass());
  pm.addPass(conversion::createMakeOperandsWholePass());
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Bufferization makes linalg.map of what it fills; and copies of what is the same memory are seen now.
  pm.addNestedPass<func::FuncOp>(createLinalgGeneralizeNamedOpsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(conversion::createPlanProgramMemoryPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(conversion::createConvertLoopsToPhasesPass());
  pm.addPass(conversion::createApproximateMathPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
}

void buildStepPipeline(OpPassManager &pm) { pm.addPass(conversion::createConvertTransformerToKernelsPass()); }

void buildCheckedStepPipeline(OpPassManager &pm) {
  buildStepPipeline(pm);
  pm.addPass(codegen::createGenerateCpuKernelsPass("x86-64-v3", /*onlyCheck=*/true));
}

void buildKernelPipeline(OpPassManager &pm, const std::string &level) {
  pm.addPass(codegen::createGenerateCpuKernelsPass(level));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

} // namespace ph
