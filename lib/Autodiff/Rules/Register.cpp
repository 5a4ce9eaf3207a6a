#include "dialects/Training/Training.h"
#include "lib/Autodiff/Rules/Rules.h"
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
    registerLinearRules(context);
    registerNormalizationRules(context);
    registerRopeRules(context);
    registerShapeRules(context);
    registerStackRules(context);
  });
  registry.addExtension(+[](MLIRContext *context, train::TrainDialect *) { registerTrainingRules(context); });
}

} // namespace ph::autodiff
