#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

void registerTrainingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, train::TrainDialect *) {
    registerAdamW(context);
    registerScatterAdd(context);
    registerTokenLogp(context);
    registerTokenLoss(context);
  });
}

} // namespace ph::reference
