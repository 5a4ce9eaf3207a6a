#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

LogicalResult expectOneShape(Operation *op, ArrayRef<Value> inputs) {
  for (const Value &input : inputs)
    if (input.tensor().shape != inputs[0].tensor().shape)
      return mismatch(op, "operands of the shape " + shapeText(inputs[0].tensor().shape), input.tensor().shape);
  return success();
}

void registerTrainingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, train::TrainDialect *) {
    registerAdamW(context);
    registerAdamW8(context);
    registerDistillation(context);
    registerDropout(context);
    registerExpertOuterAdd(context);
    registerGradientScale(context);
    registerHeadLoss(context);
    registerOptimizer(context);
    registerPolicy(context);
    registerPreferenceLoss(context);
    registerRounding(context);
    registerScatterAdd(context);
    registerTokenLogp(context);
    registerTokenLoss(context);
  });
}

} // namespace ph::reference
