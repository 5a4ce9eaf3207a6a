#include "dialects/Training/Training.h"
#include "lib/Analysis/Cost/Models.h"
#include "powerhouse/Analysis/Cost.h"

using namespace mlir;

namespace ph::analysis {

void registerCostModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, xf::XFDialect *) {
    registerActivationCost(context);
    registerAttentionCost(context);
    registerCacheCost(context);
    registerEmbeddingCost(context);
    registerEncodingCost(context);
    registerExpertsCost(context);
    registerHeadsCost(context);
    registerLinearCost(context);
    registerLogitsCost(context);
    registerLossCost(context);
    registerNormalizationCost(context);
    registerPoolingCost(context);
    registerPrimitiveCost(context);
    registerRepeatCost(context);
    registerRopeCost(context);
    registerRowsCost(context);
    registerSamplingCost(context);
    registerVisionCost(context);
    registerWeightsCost(context);
  });
  registry.addExtension(+[](MLIRContext *context, train::TrainDialect *) { registerTrainingCost(context); });
}

} // namespace ph::analysis
