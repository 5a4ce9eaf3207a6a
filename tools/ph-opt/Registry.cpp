#include "tools/ph-opt/Registry.h"
#include "dialects/Training/Training.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "powerhouse/Analysis/Cost.h"
#include "powerhouse/Analysis/Passes.h"
#include "powerhouse/Autodiff/Autodiff.h"
#include "powerhouse/Autodiff/Passes.h"
#include "powerhouse/Codegen/CPU/GenerateCpuKernels.h"
#include "powerhouse/Conversion/Programs.h"
#include "powerhouse/Conversion/TransformerToKernels.h"
#include "powerhouse/Pipelines/Pipelines.h"
#include "powerhouse/Reference/Interpreter.h"
#include "powerhouse/Transforms/Passes.h"

void registerEverything(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();

  registry.insert<ph::train::TrainDialect, ph::xf::XFDialect>();
  ph::registerProgramDialects(registry);
  ph::reference::registerReferenceModels(registry);
  ph::analysis::registerCostModels(registry);
  ph::autodiff::registerDerivativeRules(registry);
  ph::registerAnalysisPasses();
  ph::registerAutodiffPasses();
  ph::registerTransformPasses();
  ph::registerConversionPasses();
  ph::registerCodegenPasses();
  ph::registerPipelines();
}
