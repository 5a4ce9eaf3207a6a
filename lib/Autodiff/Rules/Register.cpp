#include "dialects/Training/Training.h"
#include "lib/Autodiff/Rules/Rules.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Autodiff/Autodiff.h"

using namespace mlir;

namespace ph::autodiff {

void registerDerivativeRules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, xf::XFDialect *) {
    registerActivationRules(context);
    registerAttentionRules(context);
    registerContractionRules(context);
    registerElementwiseRules(context);
    registerEmbeddingRules(context);
    registerExpertRules(context);
    registerGroupedExpertRules(context);
    registerLinearRules(context);
    registerLossRules(context);
    registerNormalizationRules(context);
    registerPoolingRules(context);
    registerRelativePositionRules(context);
    registerRopeRules(context);
    registerShapeRules(context);
    registerStackRules(context);
    registerVisionRules(context);
  });
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) { registerTensorRules(context); });
  registry.addExtension(+[](MLIRContext *context, train::TrainDialect *) { registerTrainingRules(context); });
}

} // namespace ph::autodiff
