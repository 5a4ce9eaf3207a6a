#include "powerhouse/Pipelines/Pipelines.h"

#include "mlir/Transforms/Passes.h"
#include "powerhouse/Codegen/CPU/GenerateCpuKernels.h"
#include "powerhouse/Conversion/TransformerToKernels.h"
#include "powerhouse/Transforms/Passes.h"

using namespace mlir;

namespace ph {

void buildTransformerPipeline(OpPassManager &pm, bool int8Activations) {
  pm.addPass(createCSEPass());
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
}

void buildStepPipeline(OpPassManager &pm) { pm.addPass(conversion::createConvertTransformerToKernelsPass()); }

void buildKernelPipeline(OpPassManager &pm, const std::string &level) {
  pm.addPass(codegen::createGenerateCpuKernelsPass(level));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

} // namespace ph
