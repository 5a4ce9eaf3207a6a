#include "powerhouse/Pipelines/Pipelines.h"

#include "mlir/Transforms/Passes.h"
#include "powerhouse/Codegen/CPU/GenerateCpuKernels.h"
#include "powerhouse/Conversion/TransformerToKernels.h"

using namespace mlir;

namespace ph {

void buildTransformerPipeline(OpPassManager &pm, bool int8Activations) {
  pm.addPass(createCSEPass());
  if (int8Activations) {
    pm.addPass(createCSEPass());
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
