#include "dialects/Step/Step.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/AllInterfaces.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "powerhouse/Conversion/Programs.h"
#include "powerhouse/Conversion/TransformerToKernels.h"
#include "powerhouse/Conversion/TransformerToLinalg.h"

using namespace mlir;

void ph::registerProgramDialects(DialectRegistry &registry) {
  registry.insert<affine::AffineDialect, bufferization::BufferizationDialect, linalg::LinalgDialect, step::StepDialect,
                  tensor::TensorDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(registry);
  func::registerInlinerExtension(registry);
  linalg::registerAllDialectInterfaceImplementations(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  step::registerBufferization(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
}

void ph::registerConversionPasses() {
  registerPass(conversion::createConvertTransformerToKernelsPass);
  registerPass([] { return conversion::createConvertTransformerToLinalgPass(); });
  registerPass(conversion::createAccumulateProductsPass);
  registerPass(conversion::createApproximateMathPass);
  registerPass(conversion::createFuseElementwisePass);
  registerPass(conversion::createMergeElementwisePass);
  registerPass(conversion::createShareProductsPass);
  registerPass(conversion::createConvertFunctionsToProgramsPass);
  registerPass(conversion::createMakeOperandsWholePass);
  registerPass(conversion::createPlanProgramMemoryPass);
  registerPass(conversion::createConvertLoopsToPhasesPass);
}
